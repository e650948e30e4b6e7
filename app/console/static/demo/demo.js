/** The demo page: registers a recipient, connects it, and shows what the recipient can see and set. */

import { PopgateClient } from "/client/popgate-client.js";

const MAX_HISTORY = 50;
/** The demo's own pushes are addressed to these; each browser takes the first that is free. */
const PLACES = Array.from({ length: 8 }, (_, index) => `r_demo_${String(index + 1).padStart(2, "0")}`);

const WORDS = {
  zh: {
    status: {
      registering: "正在登记接收用户……", starting: "正在连接……", connected: "已连接，等待弹窗",
      polling: "已连接，定时查收", retrying: "连接中断，正在重试……", waiting_keys: "正在等待网关公钥……",
      refused: "设备凭据已失效", unsupported: "此环境无法验签，不展示弹窗", failed: "登记没有成功", stopped: "已断开",
    },
    hint: {
      connected: "弹窗会出现在窗口右下角。每一条都先验签，再展示。",
      polling: "此网关没有提供流式连接，弹窗可能晚几秒出现。",
      unsupported: "请用支持 WebCrypto Ed25519 的浏览器，并通过 HTTPS 或本机地址打开。",
      refused: "数据可能已重置。请换一位接收用户。",
      failed: "网关暂时不可用或展示端不存在。请稍后重新登记。",
      held: "有一则广告在等候：您关闭广告后，同一页面不会再弹出广告。换一个栏目后它才会出现。",
    },
    kind: { news: "新闻", advertisement: "广告", general: "其他" },
    outcome: { shown: "正在展示", closed: "已关闭", clicked: "已打开链接" },
    withheld: "未展示：", complain: "投诉举报", refusalFailed: "没有保存成功，请稍后再试。",
  },
  en: {
    status: {
      registering: "Registering a recipient…", starting: "Connecting…", connected: "Connected, waiting",
      polling: "Connected, polling", retrying: "Connection lost, trying again…", waiting_keys: "Waiting for the gateway’s keys…",
      refused: "The device secret is no longer valid", unsupported: "Signatures cannot be verified here; nothing is shown",
      failed: "Registration failed", stopped: "Disconnected",
    },
    hint: {
      connected: "Popups appear at the bottom right. Each is verified before it is shown.",
      polling: "This gateway offers no stream; popups may come some seconds late.",
      unsupported: "Use a browser with WebCrypto Ed25519 and open the page by HTTPS or on this machine.",
      refused: "The data may have been reset. Please register a new recipient.",
      failed: "The gateway is not available or the surface does not exist. Please register again later.",
      held: "An advertisement is waiting: after you closed one, no other pops up on the same page. It comes once you turn to another section.",
    },
    kind: { news: "News", advertisement: "Advertising", general: "Other" },
    outcome: { shown: "on screen", closed: "closed", clicked: "link opened" },
    withheld: "Not shown: ", complain: "Complain", refusalFailed: "Not saved. Please try again.",
  },
};

const byId = (id) => document.getElementById(id);
const stage = byId("main");
const { surface, base, lang } = stage.dataset;
const words = WORDS[lang];
const storeKey = `popgate.demo.${surface}`;

let state = readState();
let client = null;

function readState() {
  try {
    return JSON.parse(localStorage.getItem(storeKey)) ?? emptyState();
  } catch {
    return emptyState();
  }
}

function emptyState() {
  return { recipient: null, secret: null, refusals: {}, history: [] };
}

function keepState() {
  localStorage.setItem(storeKey, JSON.stringify(state));
}

function randomToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `r_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/* ---- recipient and connection */

async function begin({ minor = "no", fresh = false } = {}) {
  client?.stop();
  client = null;
  if (fresh) {
    state = emptyState();
    keepState();
  }
  showHistory();
  showSwitches();
  if (state.recipient === null && !(await register(minor))) return;
  byId("recipient").textContent = state.recipient;
  connect();
  showSwitches();
  await loadRefusals();
}

async function register(minor) {
  showStatus("registering");
  byId("recipient").textContent = "—";
  try {
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const made = await registerFree({ base, surface, timeZone, minor });
    state.recipient = made.recipient;
    state.secret = made.deviceSecret;
    keepState();
    return true;
  } catch {
    showStatus("failed");
    byId("renew").open = true;
    return false;
  }
}

async function registerFree(wanted) {
  for (const recipient of PLACES) {
    try {
      return await PopgateClient.register({ ...wanted, recipient });
    } catch (problem) {
      if (problem.detail !== "HTTP 409") throw problem;
    }
  }
  return PopgateClient.register({ ...wanted, recipient: randomToken() });
}

function connect() {
  client = new PopgateClient({
    base, surface, recipient: state.recipient, deviceSecret: state.secret, lang,
    onStatus: showConnection,
    onShown: (release) => note({ ...shown(release), outcome: "shown" }),
    onClosed: (release) => settle(release, "closed"),
    onClicked: (release) => settle(release, "clicked"),
    onHeldBack: () => showStatus(client.status, "held"),
    onError: noteProblem,
    onRefused: ({ id, scope, kind }) => keepRefusal(kind ?? scope, id),
    onAllowed: (id) => dropRefusal(id),
  });
  void client.start();
}

function showConnection(status) {
  showStatus(status);
  if (status === "refused") byId("renew").open = true;
}

function showStatus(status, hint = status) {
  byId("status").dataset.state = status;
  byId("status-text").textContent = words.status[status];
  byId("status-hint").textContent = words.hint[hint] ?? "";
}

/* ---- history */

function shown(release) {
  return {
    id: release.release_id, kind: release.kind, title: release.title,
    provider: release.provider.name, complaint: release.complaint_url, at: Date.now(),
  };
}

/** What a recipient should see: popups that were held back for a fault, not hiccups of the line. */
function noteProblem(problem) {
  const elsewhere = ["inbox_unavailable", "inbox_refused", "keys_unavailable", "no_ed25519", "event_rejected", "refusals_unknown", "refusal_failed", "already_seen"];
  if (elsewhere.includes(problem.code)) return;
  note({ id: problem.releaseId, withheld: problem.text, at: Date.now() });
}

function note(entry) {
  state.history = [entry, ...state.history].slice(0, MAX_HISTORY);
  keepState();
  showHistory();
}

function settle(release, outcome) {
  const entry = state.history.find((candidate) => candidate.id === release.release_id && !candidate.withheld);
  if (entry) entry.outcome = outcome;
  keepState();
  showHistory();
}

function showHistory() {
  byId("history").replaceChildren(...state.history.map(historyItem));
  byId("history").hidden = state.history.length === 0;
  byId("history-empty").hidden = state.history.length > 0;
}

function historyItem(entry) {
  const item = document.createElement("li");
  const title = part("bdi", entry.withheld ? words.withheld + entry.withheld[lang] : entry.title);
  title.className = "entry";
  const meta = document.createElement("div");
  meta.className = "meta";
  meta.append(part("time", new Date(entry.at).toLocaleTimeString(lang === "en" ? "en-GB" : "zh-CN")));
  item.append(title, meta);
  if (entry.withheld) {
    item.className = "withheld";
    return item;
  }
  meta.append(part("span", words.kind[entry.kind]), part("bdi", entry.provider), part("span", words.outcome[entry.outcome]));
  const complain = part("a", words.complain);
  complain.href = entry.complaint;
  complain.target = "_blank";
  complain.rel = "noopener noreferrer";
  meta.append(complain);
  return item;
}

function part(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

/* ---- switches: on means may pop up, off is a refusal */

/** The gateway knows best what is refused; what this browser remembers stands in until it answers. */
async function loadRefusals() {
  const asked = client;
  try {
    const standing = await asked.refusals();
    if (asked !== client) return;
    state.refusals = Object.fromEntries(standing.map(({ id, scope, kind }) => [kind ?? scope, id]));
    keepState();
    showSwitches();
  } catch {
    // Without an answer the switches stay as remembered, and flipping one says if it fails.
  }
}

function keepRefusal(key, id) {
  state.refusals[key] = id;
  keepState();
  showSwitches();
}

function dropRefusal(id) {
  for (const [key, kept] of Object.entries(state.refusals)) if (kept === id) delete state.refusals[key];
  keepState();
  showSwitches();
}

function switches() {
  return [...document.querySelectorAll("[data-refusal]")];
}

function showSwitches() {
  for (const input of switches()) {
    const key = input.dataset.refusal;
    input.checked = !(key in state.refusals);
    input.disabled = client === null || (key !== "all" && "all" in state.refusals);
  }
}

async function flip(input) {
  const key = input.dataset.refusal;
  const refusal = key in words.kind ? { scope: "kind", kind: key } : { scope: key, kind: null };
  input.disabled = true;
  byId("refuse-fault").hidden = true;
  try {
    if (input.checked) await client.allow(state.refusals[key]);
    else await client.refuse(refusal);
  } catch {
    byId("refuse-fault").textContent = words.refusalFailed;
    byId("refuse-fault").hidden = false;
  }
  showSwitches();
  input.focus();
}

/* ---- the made-up app's own sections */

function markSection() {
  const links = [...document.querySelectorAll(".masthead nav a")];
  const current = links.find((link) => link.hash === location.hash) ?? links[0];
  for (const link of links) {
    if (link === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (client) showStatus(client.status);
}

for (const input of switches()) input.addEventListener("change", () => void flip(input));
addEventListener("hashchange", markSection);
byId("renew-form").addEventListener("submit", (event) => {
  event.preventDefault();
  byId("renew").open = false;
  void begin({ minor: byId("minor").value, fresh: true });
});
markSection();
await begin();
