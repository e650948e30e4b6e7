/**
 * Popgate web client: verifies signed releases and shows them as popups.
 *
 * One file without dependencies. Load it as a module (`import { PopgateClient } from …`); the same
 * names also stand on `globalThis.Popgate` for pages that load it by a plain module tag.
 *
 *   const client = new PopgateClient({
 *     base: "https://gate.example", surface: "srf_…", recipient: "r_…", deviceSecret: "…",
 *     onError: (problem) => console.warn(problem.code, problem.message),
 *   });
 *   await client.start();
 *
 * What it promises: nothing is shown that does not carry a valid signature of the gateway; label,
 * provider, close mark, complaint and refusal are always there and on top; one tap or Escape closes
 * at once; what was closed does not come back. Whatever is wrong, it shows nothing and says why.
 *
 * It works under `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;
 * connect-src 'self'`. A gateway on another origin has to be added to `connect-src`; images are
 * fetched, compared with their signed SHA-256 and shown from a `blob:` address.
 */

const RELEASE_TYPE = "application/vnd.popgate.release+json";
const KINDS = ["news", "advertisement", "general"];
const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp"];
const AD_WORD = "广告";
const MAX_IMAGES = 3;
const MAX_IMAGE_BYTES = 512 * 1024;
const MIN_CLOSE_DP = 44;
const MIN_CLOSE_CONTRAST = 3;
const MIN_LABEL_DP = 12;
const MIN_LABEL_CONTRAST = 4.5;
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;
const MAX_BACKOFF_MS = 60_000;
const EVENT_BATCH = 50;
const MAX_REMEMBERED = 500;

/* ---------------------------------------------------------------- words */

const REASONS = {
  bad_options: ["接入参数有误", "The client was given wrong options"],
  no_ed25519: [
    "此环境不支持 WebCrypto Ed25519（或不是安全上下文），无法验签，因此不展示任何弹窗",
    "WebCrypto Ed25519 is not available here (or the context is not secure): signatures cannot be verified, so nothing is shown",
  ],
  keys_unavailable: ["取不到网关公钥，暂不展示弹窗", "The gateway's public keys cannot be loaded; nothing is shown"],
  inbox_unavailable: ["连接不上收件箱，正在重试", "The inbox cannot be reached; trying again"],
  inbox_refused: ["收件箱不接受此设备凭据", "The inbox does not accept this device secret"],
  malformed: ["信封格式不正确", "The envelope is malformed"],
  wrong_type: ["信封类型不是放行凭证，内容未经放行", "The envelope is not a release: it was not released"],
  unsigned: ["信封没有签名", "The envelope carries no signature"],
  unknown_key: ["签名所用公钥不属于此网关", "The envelope is signed with a key that is not this gateway's"],
  retired_key: ["签名所用公钥已停用", "The signing key was retired before this release"],
  altered: ["验签不通过，内容可能被改动", "The signature does not fit: the content was altered"],
  bad_content: ["放行内容缺少必要字段", "The released content lacks a required field"],
  wrong_surface: ["内容不是发给此展示端的", "The release is for another surface"],
  expired: ["内容已过有效期", "The release has expired"],
  not_released: ["内容尚未到放行时间", "The release lies in the future"],
  label_missing: ["广告缺少清晰可辨的“广告”标识", "The advertisement has no clear label 广告"],
  close_contract: ["关闭标志不符合一键关闭要求", "The close mark breaks the one-tap contract"],
  image_unavailable: ["配图取不到", "An image cannot be loaded"],
  image_mismatch: ["配图与放行时的摘要不一致", "An image differs from what was released"],
  already_seen: ["此弹窗已展示过，不再重复弹出", "This popup was shown before and does not come back"],
  covered: ["标识或关闭标志被页面遮挡，已撤下弹窗", "The page covers label or close mark; the popup was taken away"],
  event_rejected: ["回执未被接受", "An event report was not accepted"],
  refusals_unknown: ["取不到拒收设置", "The standing refusals cannot be loaded"],
  refusal_failed: ["拒收设置未成功", "The refusal could not be saved"],
};

const WORDS = {
  zh: {
    dialog: (provider) => `来自${provider}的弹窗`,
    close: "关闭弹窗", open: "查看详情", source: "来源：", advertiser: "广告主：",
    complain: "投诉举报", refuse: "不再接收", refuseTitle: "不再接收哪些弹窗？",
    refuseKind: { news: "新闻类弹窗", advertisement: "广告类弹窗", general: "其他类弹窗" },
    refuseAll: "全部弹窗", refusePersonal: "个性化推送", back: "返回",
    refused: (what) => `已停止接收${what}。`, undo: "撤销", undone: "已恢复接收。",
    failed: "没有保存成功，请稍后再试。", saving: "正在保存……",
    newTab: "（在新标签页打开）", announce: (title) => `新弹窗：${title}。按 Esc 键关闭。`,
  },
  en: {
    dialog: (provider) => `Popup from ${provider}`,
    close: "Close popup", open: "Open", source: "Source: ", advertiser: "Advertiser: ",
    complain: "Complain", refuse: "Stop these", refuseTitle: "What should stop?",
    refuseKind: { news: "News popups", advertisement: "Advertising popups", general: "Other popups" },
    refuseAll: "All popups", refusePersonal: "Personalised popups", back: "Back",
    refused: (what) => `Stopped: ${what.toLowerCase()}.`, undo: "Undo", undone: "Switched on again.",
    failed: "Not saved. Please try again.", saving: "Saving…",
    newTab: " (opens in a new tab)", announce: (title) => `New popup: ${title}. Press Escape to close.`,
  },
};

/** Why something was not shown or not done; `code` is stable, `text` holds zh and en. */
export class PopgateError extends Error {
  /**
   * @param {string} code one of the keys of REASONS
   * @param {string} [detail] what exactly, for developers
   */
  constructor(code, detail = "") {
    const [zh, en] = REASONS[code];
    super(detail ? `${en} (${detail})` : en);
    this.name = "PopgateError";
    this.code = code;
    this.detail = detail;
    this.text = { zh, en };
  }
}

/* ---------------------------------------------------------------- bytes and keys */

function bytesOfBase64(text, what) {
  // DSSE: a verifier accepts the standard and the URL-safe alphabet.
  const plain = typeof text === "string" ? text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "") : "";
  if (!/^[A-Za-z0-9+/]+$/.test(plain)) throw new PopgateError("malformed", `${what} is not base64`);
  try {
    return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
  } catch {
    throw new PopgateError("malformed", `${what} is not base64`);
  }
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256Hex(bytes) {
  return hex(await crypto.subtle.digest("SHA-256", bytes));
}

/** DSSE pre-authentication encoding: what is signed, with lengths in bytes. */
function preAuthEncoding(type, payload) {
  const encoder = new TextEncoder();
  const typeBytes = encoder.encode(type);
  const head = encoder.encode(`DSSEv1 ${typeBytes.length} ${type} ${payload.length} `);
  const whole = new Uint8Array(head.length + payload.length);
  whole.set(head);
  whole.set(payload, head.length);
  return whole;
}

/** True where this page can verify Ed25519 signatures; false without a secure context. */
export async function canVerify() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(9), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Import the gateway's envelope keys, dropping what is not an Ed25519 envelope key or whose id is
 * not the start of the SHA-256 of the key.
 * @param {Array<object>} entries as served at /.well-known/popgate-keys
 * @returns {Promise<Map<string, {key: CryptoKey, retiredAt: number|null}>>}
 */
export async function importKeys(entries) {
  const keys = new Map();
  for (const entry of Array.isArray(entries) ? entries : []) {
    if (entry?.purpose !== "envelope" || entry.algorithm !== "Ed25519") continue;
    const raw = bytesOfBase64(entry.public_key, "public_key");
    if (raw.length !== 32 || (await sha256Hex(raw)).slice(0, 16) !== entry.key_id) continue;
    const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    keys.set(entry.key_id, { key, retiredAt: entry.retired_at ? Date.parse(entry.retired_at) : null });
  }
  return keys;
}

/**
 * Verify one DSSE envelope and read its release; throws PopgateError with the reason.
 * @param {object} envelope {payloadType, payload, signatures}
 * @param {Map} keys from importKeys
 * @param {{surface: string, now: number}} expected surface id and time in ms since 1970
 * @returns {Promise<object>} the release: the parsed, checked payload
 */
export async function verifyEnvelope(envelope, keys, expected) {
  if (typeof envelope !== "object" || envelope === null || typeof envelope.payload !== "string") {
    throw new PopgateError("malformed");
  }
  if (envelope.payloadType !== RELEASE_TYPE) throw new PopgateError("wrong_type", String(envelope.payloadType));
  const payload = bytesOfBase64(envelope.payload, "payload");
  const signer = await findSigner(envelope, payload, keys);
  const release = parseRelease(payload);
  checkRelease(release, expected);
  if (signer.retiredAt !== null && Date.parse(release.released_at) > signer.retiredAt) {
    throw new PopgateError("retired_key");
  }
  return release;
}

async function findSigner(envelope, payload, keys) {
  const signatures = Array.isArray(envelope.signatures) ? envelope.signatures : [];
  if (signatures.length === 0) throw new PopgateError("unsigned");
  const known = signatures.filter((signature) => keys.has(signature?.keyid));
  if (known.length === 0) throw new PopgateError("unknown_key", String(signatures[0]?.keyid));
  const signed = preAuthEncoding(envelope.payloadType, payload);
  for (const signature of known) {
    const signer = keys.get(signature.keyid);
    const bytes = bytesOfBase64(signature.sig, "sig");
    if (await crypto.subtle.verify({ name: "Ed25519" }, signer.key, bytes, signed)) return signer;
  }
  throw new PopgateError("altered");
}

function parseRelease(payload) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    throw new PopgateError("malformed", "payload is not UTF-8 JSON");
  }
}

/* ---------------------------------------------------------------- what a release must say */

const isText = (value) => typeof value === "string" && value.trim() !== "";
const isDp = (value) => Number.isFinite(value) && value >= 0 && value <= 10_000;
const isColor = (value) => typeof value === "string" && /^#[0-9a-fA-F]{6}$/.test(value);

/** True for an absolute http or https address without credentials in it. */
function isWebAddress(value) {
  try {
    const url = new URL(value);
    return ["http:", "https:"].includes(url.protocol) && !url.username && !url.password;
  } catch {
    return false;
  }
}

function checkRelease(release, { surface, now }) {
  const wrong = wrongField(release);
  if (wrong) throw new PopgateError("bad_content", wrong);
  if (release.surface !== surface) throw new PopgateError("wrong_surface", release.surface);
  if (Date.parse(release.expires_at) <= now) throw new PopgateError("expired", release.expires_at);
  if (Date.parse(release.released_at) > now + CLOCK_TOLERANCE_MS) {
    throw new PopgateError("not_released", release.released_at);
  }
  checkClose(release.close, release.frame);
  checkLabel(release);
}

/** Name the first field that is missing or of the wrong shape, or null. */
function wrongField(release) {
  if (typeof release !== "object" || release === null) return "(payload)";
  const { frame, link, source, provider, images } = release;
  const tests = {
    release_id: isText(release.release_id),
    push_id: isText(release.push_id),
    digest: /^sha256:[0-9a-f]{64}$/.test(release.digest),
    kind: KINDS.includes(release.kind),
    title: isText(release.title),
    body: typeof release.body === "string",
    link: link === null || isWebAddress(link?.url),
    images: Array.isArray(images) && images.length <= MAX_IMAGES && images.every(isImage),
    source: release.kind === "news" ? isText(source?.unit) : source === null || isText(source?.unit),
    provider: isText(provider?.id) && isText(provider?.name),
    frame: isDp(frame?.width_dp) && isDp(frame?.height_dp),
    body_size_dp: isDp(release.body_size_dp) && release.body_size_dp >= 1,
    label: release.label === null || (isText(release.label?.text) && release.label.size_dp >= 1),
    ai_label: release.ai_label === null || isText(release.ai_label),
    complaint_url: isWebAddress(release.complaint_url),
    released_at: Number.isFinite(Date.parse(release.released_at)),
    expires_at: Number.isFinite(Date.parse(release.expires_at)),
  };
  return Object.keys(tests).find((field) => !tests[field]) ?? null;
}

function isImage(image) {
  return /^[0-9a-f]{64}$/.test(image?.sha256) && IMAGE_TYPES.includes(image.media_type) && isText(image.url);
}

/** Provisions art. 5(8); Measures for Internet Advertising art. 10: one tap, at once, leads nowhere. */
function checkClose(close, frame) {
  const broken = {
    present: close?.present !== true,
    delay_ms: close?.delay_ms !== 0,
    taps: close?.taps !== 1,
    opens_url: close?.opens_url !== null,
    reopens: close?.reopens !== false,
    width_dp: !(close?.width_dp >= MIN_CLOSE_DP),
    height_dp: !(close?.height_dp >= MIN_CLOSE_DP),
    position: !isInside(close, close?.width_dp, close?.height_dp, frame),
    color: !(contrast(close?.color, close?.background) >= MIN_CLOSE_CONTRAST),
  };
  const field = Object.keys(broken).find((name) => broken[name]);
  if (field) throw new PopgateError("close_contract", field);
}

/** Advertising Law art. 14; Provisions art. 5(8): the word 广告 itself, legible and not under the mark. */
function checkLabel({ kind, label, close, frame }) {
  // On other kinds a label is the sender's own choice and the gateway's rules ask nothing of it.
  if (kind !== "advertisement") return;
  const size = labelSize(label);
  const legible = contrast(label?.color, label?.background) >= MIN_LABEL_CONTRAST && label.size_dp >= MIN_LABEL_DP;
  if (label?.text !== AD_WORD || !legible || !isInside(label, size.width, size.height, frame)) {
    throw new PopgateError("label_missing");
  }
  const apart =
    label.x_dp + size.width <= close.x_dp || close.x_dp + close.width_dp <= label.x_dp ||
    label.y_dp + size.height <= close.y_dp || close.y_dp + close.height_dp <= label.y_dp;
  if (!apart) throw new PopgateError("label_missing", "under the close mark");
}

function labelSize(label) {
  return { width: (label?.size_dp ?? 0) * (label?.text?.length ?? 0), height: (label?.size_dp ?? 0) * 1.2 };
}

function isInside(box, width, height, frame) {
  return isDp(box?.x_dp) && isDp(box?.y_dp) && box.x_dp + width <= frame.width_dp && box.y_dp + height <= frame.height_dp;
}

/** WCAG contrast ratio of two #rrggbb colours in hundredths, 1 to 21; 0 where one is no colour. */
function contrast(one, other) {
  if (!isColor(one) || !isColor(other)) return 0;
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return Math.round(((light + 0.05) / (dark + 0.05)) * 100) / 100;
}

function luminance(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/* ---------------------------------------------------------------- images */

/**
 * Fetch the images of a release, compare each with its signed SHA-256, and return blob: addresses.
 * The caller revokes them. Only the gateway's own origin is asked, so nobody else learns who looks.
 */
async function loadImages(release, base) {
  const loaded = [];
  try {
    for (const image of release.images) loaded.push(await loadImage(image, base));
    return loaded;
  } catch (problem) {
    for (const image of loaded) URL.revokeObjectURL(image.address);
    throw problem;
  }
}

async function loadImage(image, base) {
  const url = new URL(image.url, base);
  if (url.origin !== new URL(base).origin) throw new PopgateError("image_unavailable", "foreign origin");
  const bytes = await fetchBytes(url);
  if (bytes.byteLength > MAX_IMAGE_BYTES) throw new PopgateError("image_mismatch", "too large");
  if ((await sha256Hex(bytes)) !== image.sha256) throw new PopgateError("image_mismatch", image.sha256);
  const address = URL.createObjectURL(new Blob([bytes], { type: image.media_type }));
  const probe = new Image();
  probe.src = address;
  try {
    await probe.decode();
  } catch {
    URL.revokeObjectURL(address);
    throw new PopgateError("image_mismatch", "not a picture");
  }
  return { address, alt: typeof image.alt === "string" ? image.alt : "" };
}

async function fetchBytes(url) {
  try {
    const answer = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new PopgateError("image_unavailable", `HTTP ${answer.status}`);
    return await answer.arrayBuffer();
  } catch (problem) {
    throw problem instanceof PopgateError ? problem : new PopgateError("image_unavailable", problem.message);
  }
}

/* ---------------------------------------------------------------- the look */

/*
 * One dp is a CSS pixel, or more where the reader asked for larger text; never less, so that 44 dp
 * stay 44 px on pages that shrink their root font. `all: initial !important` in :host outranks
 * every rule of the surrounding page.
 */
const SHEET = `
:host {
  all: initial !important; display: block !important; position: fixed !important; z-index: 2147483647 !important;
  inset: auto max(16px, env(safe-area-inset-right)) max(16px, env(safe-area-inset-bottom)) auto !important;
  direction: ltr !important; overflow: visible !important; color-scheme: light dark !important;
}
:host(.inline) { position: static !important; z-index: auto !important; }
.card {
  --dp: max(1px, 0.0625rem);
  --paper: #ffffff; --ink: #1b1f24; --soft: #59616b; --line: #e3e6ea; --accent: #0b57c2; --wash: #f4f6f8;
  box-sizing: border-box; position: relative; display: flex; flex-direction: column;
  width: min(calc(var(--frame-width) * var(--dp)), calc(100vw - 32px));
  min-height: min(calc(var(--frame-height) * var(--dp)), calc(100vh - 32px));
  max-height: min(40rem, calc(100vh - 32px)); overflow: hidden;
  border-radius: 12px; background: var(--paper); color: var(--ink);
  box-shadow: 0 0 0 1px rgb(15 23 42 / 0.10), 0 4px 10px rgb(15 23 42 / 0.08), 0 18px 48px rgb(15 23 42 / 0.22);
  font: 400 calc(14 * var(--dp)) / 1.6 system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif;
  text-align: start; overflow-wrap: anywhere;
}
:host(.inline) .card { max-height: none; }
.card *, .card *::before { box-sizing: border-box; }
.card [hidden] { display: none !important; }
.label, .close { position: absolute; z-index: 2; margin: 0; border: 0; forced-color-adjust: none; }
.label {
  inset: var(--label-inset); width: calc(var(--label-width) * var(--dp)); height: calc(var(--label-height) * var(--dp));
  font-size: calc(var(--label-size) * var(--dp)); line-height: calc(var(--label-height) * var(--dp)); white-space: nowrap;
  color: var(--label-color); background: var(--label-background);
  box-shadow: 0 0 0 calc(2 * var(--dp)) var(--label-background), 0 0 0 calc(3 * var(--dp)) var(--label-color);
  border-radius: 1px;
}
.close {
  inset: var(--close-inset); width: calc(var(--close-width) * var(--dp)); height: calc(var(--close-height) * var(--dp));
  padding: 0; display: grid; place-items: center; cursor: pointer; background: none; color: var(--close-color);
  border-radius: 12px; touch-action: manipulation; -webkit-tap-highlight-color: transparent;
}
.close span {
  width: calc(34 * var(--dp)); height: calc(34 * var(--dp)); display: grid; place-items: center;
  border-radius: 50%; background: var(--close-background);
}
.close:hover span { box-shadow: 0 0 0 1.5px var(--close-color); }
.close svg { width: calc(16 * var(--dp)); height: calc(16 * var(--dp)); display: block; }
header {
  flex: none; display: flex; align-items: flex-start; min-height: calc(var(--head-height) * var(--dp));
  padding: calc(var(--head-top) * var(--dp)) calc(var(--head-right) * var(--dp)) 0 calc(var(--head-left) * var(--dp));
}
.provider { font-size: calc(13 * var(--dp)); line-height: calc(20 * var(--dp)); color: var(--soft); unicode-bidi: isolate; max-height: calc(60 * var(--dp)); overflow-y: auto; }
main { flex: 1 1 auto; min-height: 3em; overflow-y: auto; overscroll-behavior: contain; padding: calc(3 * var(--dp)) calc(16 * var(--dp)) calc(10 * var(--dp)); }
h2 { margin: calc(2 * var(--dp)) 0 calc(4 * var(--dp)); font-size: calc(17 * var(--dp)); font-weight: 600; line-height: 1.4; unicode-bidi: isolate; text-wrap: pretty; }
.body { margin: 0; font-size: calc(var(--body-size) * var(--dp)); white-space: pre-line; unicode-bidi: isolate; }
img { display: block; width: 100%; max-height: calc(180 * var(--dp)); object-fit: contain; margin: calc(10 * var(--dp)) 0 0; border-radius: 8px; background: var(--wash); }
.facts { display: flex; flex-wrap: wrap; gap: calc(2 * var(--dp)) calc(12 * var(--dp)); margin: calc(8 * var(--dp)) 0 0; padding: 0; font-size: calc(12 * var(--dp)); color: var(--soft); list-style: none; }
.facts bdi { unicode-bidi: isolate; }
.ai { padding: 0 calc(5 * var(--dp)); border: 1px solid currentColor; border-radius: 4px; line-height: 1.5; }
.open {
  display: inline-flex; align-items: center; max-width: 100%; min-height: calc(36 * var(--dp)); margin-top: calc(10 * var(--dp)); padding: calc(4 * var(--dp)) calc(14 * var(--dp)); gap: calc(8 * var(--dp));
  border-radius: 999px; background: var(--accent); color: var(--paper); font-weight: 500; text-decoration: none;
}
.open small { font-size: calc(12 * var(--dp)); font-weight: 400; }
.open:hover { text-decoration: underline; }
footer { flex: none; padding: 0 calc(8 * var(--dp)) calc(var(--foot-height) * var(--dp)); border-top: 1px solid var(--line); font-size: calc(13 * var(--dp)); }
.choices { display: flex; flex-wrap: wrap; align-items: center; margin: 0; padding: 0; border: 0; min-width: 0; }
legend, .notice { padding: calc(8 * var(--dp)) calc(8 * var(--dp)) 0; color: var(--soft); margin: 0; }
.act {
  display: inline-flex; align-items: center; min-height: calc(40 * var(--dp)); padding: 0 calc(8 * var(--dp)); margin: 0; border: 0; border-radius: 8px;
  background: none; color: var(--soft); font: inherit; text-decoration: none; cursor: pointer;
}
.act:hover { color: var(--ink); text-decoration: underline; }
.act[disabled] { opacity: 0.6; cursor: progress; }
.primary { color: var(--accent); }
.close:focus-visible, .open:focus-visible, .act:focus-visible, main:focus-visible { outline: calc(2 * var(--dp)) solid var(--accent); outline-offset: calc(-2 * var(--dp)); }
.open:focus-visible { outline-offset: calc(2 * var(--dp)); }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-color-scheme: dark) {
  .card { --paper: #1e2227; --ink: #eceef1; --soft: #aab2bd; --line: #343a42; --accent: #8ab6ff; --wash: #14171a; box-shadow: 0 0 0 1px rgb(255 255 255 / 0.14), 0 18px 48px rgb(0 0 0 / 0.6); }
}
@media (prefers-reduced-motion: no-preference) {
  @keyframes rise { from { opacity: 0; transform: translateY(10px); } }
  :host(:not(.inline)) .card { animation: rise 160ms ease-out; }
}
@media (max-width: 420px) { :host(:not(.inline)) { inset: auto 16px 16px 16px !important; } :host(:not(.inline)) .card { width: auto; } }
@media (forced-colors: active) { .card { border: 1px solid CanvasText; } }
`;

let sharedSheet = null;

function sheet() {
  if (sharedSheet === null) {
    sharedSheet = new CSSStyleSheet();
    sharedSheet.replaceSync(SHEET);
  }
  return sharedSheet;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * Geometry of the card as CSS custom properties. Label and mark keep the place that was approved,
 * measured from the nearer corner, so that they stay apart when the card grows with its text or
 * shrinks with the window; the text gets the room between them.
 */
function geometry({ frame, label, close, body_size_dp }) {
  const size = labelSize(label);
  const boxes = [{ x: close.x_dp, y: close.y_dp, width: close.width_dp, height: close.height_dp }];
  if (label) boxes.push({ x: label.x_dp, y: label.y_dp, width: size.width, height: size.height });
  const placed = boxes.map((box) => ({
    ...box,
    atTop: box.y + box.height / 2 <= frame.height_dp / 2,
    atLeft: box.x + box.width / 2 <= frame.width_dp / 2,
    right: frame.width_dp - box.x - box.width,
    bottom: frame.height_dp - box.y - box.height,
  }));
  const top = placed.filter((box) => box.atTop);
  const largest = (list, value, least) => Math.max(least, ...list.map(value));
  const line = label && placed[1].atTop ? placed[1] : top[0];
  return {
    "frame-width": frame.width_dp, "frame-height": frame.height_dp, "body-size": body_size_dp,
    "label-inset": label ? inset(placed[1]) : "0", "label-width": size.width, "label-height": size.height,
    "label-size": label?.size_dp ?? 0, "label-color": label?.color ?? "", "label-background": label?.background ?? "",
    "close-inset": inset(placed[0]), "close-width": close.width_dp, "close-height": close.height_dp,
    "close-color": close.color, "close-background": close.background,
    "head-height": largest(top, (box) => box.y + box.height, 8),
    "head-left": largest(top.filter((box) => box.atLeft), (box) => box.x + box.width + 12, 16),
    "head-right": largest(top.filter((box) => !box.atLeft), (box) => box.right + box.width + 8, 16),
    "head-top": line ? Math.max(2, line.y + line.height / 2 - 10) : 12,
    "foot-height": largest(placed.filter((box) => !box.atTop), (box) => box.bottom + box.height, 0),
  };
}

function inset(box) {
  const length = (dp) => `calc(${dp} * var(--dp))`;
  const [top, bottom] = box.atTop ? [length(box.y), "auto"] : ["auto", length(box.bottom)];
  const [left, right] = box.atLeft ? [length(box.x), "auto"] : ["auto", length(box.right)];
  return `${top} ${right} ${bottom} ${left}`;
}

function closeIcon() {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M2 2 L14 14 M14 2 L2 14");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "2.2");
  path.setAttribute("stroke-linecap", "round");
  icon.append(path);
  return icon;
}

/**
 * Draw a release into a shadow root; every text goes in as text, in its own bidi isolate.
 * @returns {{host: HTMLElement, parts: object}} the host and the parts one can act on
 */
function drawCard(release, images, words) {
  const host = element("popgate-popup");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet()];
  const card = element("section", "card");
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-label", words.dialog(release.provider.name));
  for (const [name, value] of Object.entries(geometry(release))) card.style.setProperty(`--${name}`, String(value));
  const header = element("header");
  const provider = element("bdi", "provider", release.provider.name);
  const close = drawClose(words);
  const label = release.label ? element("span", "label", release.label.text) : null;
  header.append(...(label ? [label] : []), provider, close);
  const content = drawContent(release, images, words);
  const footer = drawFooter(release, words);
  card.append(header, content.main, footer.footer);
  root.append(card);
  return { host, parts: { card, label, close, provider, open: content.open, ...footer } };
}

function drawClose(words) {
  const close = element("button", "close");
  close.type = "button";
  close.title = words.close;
  close.setAttribute("aria-label", words.close);
  const disc = element("span");
  disc.append(closeIcon());
  close.append(disc);
  return close;
}

function drawContent(release, images, words) {
  const main = element("main");
  const title = element("h2", "", release.title);
  const body = element("p", "body", release.body);
  title.dir = body.dir = "auto";
  main.append(title, body);
  for (const image of images) {
    const picture = element("img");
    picture.src = image.address;
    picture.alt = image.alt;
    main.append(picture);
  }
  const facts = element("ul", "facts");
  for (const [before, text] of [[words.source, release.source?.unit], [words.advertiser, release.advertiser?.name]]) {
    if (!text) continue;
    const fact = element("li", "", before);
    fact.append(element("bdi", "", text));
    facts.append(fact);
  }
  if (release.ai_label) facts.append(element("li", "ai", release.ai_label));
  if (facts.childElementCount > 0) main.append(facts);
  const open = release.link ? drawLink(release.link, words) : null;
  if (open) main.append(open);
  return { main, open };
}

function drawLink(link, words) {
  const open = element("a", "open", words.open);
  open.href = link.url;
  open.target = "_blank";
  open.rel = "noopener noreferrer";
  open.append(element("small", "", new URL(link.url).hostname), element("span", "spoken", words.newTab));
  return open;
}

function drawFooter(release, words) {
  const footer = element("footer");
  const actions = element("div", "choices");
  const complain = element("a", "act complain", words.complain);
  complain.href = release.complaint_url;
  complain.target = "_blank";
  complain.rel = "noopener noreferrer";
  complain.append(element("span", "spoken", words.newTab));
  const refuse = actButton("act refuse", words.refuse);
  refuse.setAttribute("aria-expanded", "false");
  actions.append(complain, refuse);
  const choices = element("fieldset", "choices");
  choices.hidden = true;
  choices.append(element("legend", "", words.refuseTitle));
  const notice = element("p", "notice");
  notice.setAttribute("role", "status");
  notice.hidden = true;
  footer.append(notice, choices, actions);
  return { footer, complain, refuse, choices, notice };
}

function actButton(className, text) {
  const button = element("button", className, text);
  button.type = "button";
  return button;
}

/**
 * Draw a release in place, for a console preview: same code, same look, nothing reacts or reports.
 * The release is not verified; missing label or mark stay missing only if the release says so.
 * @param {HTMLElement} container what it is put into
 * @param {object} release the payload
 * @param {{lang?: "zh"|"en", images?: Array<{address: string, alt: string}>}} [options]
 * @returns {HTMLElement} the host
 */
export function previewRelease(container, release, { lang = "zh", images = [] } = {}) {
  const { host, parts } = drawCard(release, images, WORDS[lang] ?? WORDS.zh);
  host.className = "inline";
  if (release.close.present !== true) parts.close.remove();
  parts.card.addEventListener("click", (event) => event.preventDefault());
  container.append(host);
  return host;
}

/* ---------------------------------------------------------------- one popup on screen */

/** A shown popup: on top of the page, closed by one tap or Escape, taken away if it gets covered. */
class Popup {
  /**
   * @param {object} release a verified release
   * @param {Array<{address: string, alt: string}>} images checked images
   * @param {object} actions {lang, closed, clicked, covered, refuse, allow, openLink}
   */
  constructor(release, images, actions) {
    this.release = release;
    this.images = images;
    this.actions = actions;
    this.words = WORDS[actions.lang];
    const { host, parts } = drawCard(release, images, this.words);
    this.host = host;
    this.parts = parts;
    this.gone = false;
    this.before = null;
    this.onKey = (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    };
    this.listen();
  }

  listen() {
    const { close, open, refuse } = this.parts;
    // A tap on the popup is the popup's own affair: the page must not react to it, least of all navigate.
    for (const type of ["click", "pointerdown", "pointerup", "mousedown", "mouseup", "touchstart", "touchend"]) {
      this.host.addEventListener(type, (event) => event.stopPropagation());
    }
    close.addEventListener("click", () => this.close());
    const follow = (event) => {
      if (event.type === "auxclick" && event.button !== 1) return;
      this.actions.openLink?.(this.release.link, event);
      this.remove();
      this.actions.clicked();
    };
    for (const type of ["click", "auxclick"]) open?.addEventListener(type, follow);
    refuse.addEventListener("click", () => this.askWhatToRefuse());
  }

  /** Put the popup on the page; returns false where label or mark would not be on top. */
  show() {
    this.before = document.activeElement;
    this.host.popover = "manual";
    document.body.append(this.host);
    this.raise();
    document.addEventListener("keydown", this.onKey, true);
    if (!this.isOnTop()) {
      this.remove();
      return false;
    }
    const spoken = element("span", "spoken");
    spoken.setAttribute("role", "status");
    this.parts.card.append(spoken);
    // A live region is only read when it changes after it was inserted.
    setTimeout(() => { spoken.textContent = this.words.announce(this.release.title); }, 100);
    this.watch = setInterval(() => this.guard(), 500);
    return true;
  }

  /** The top layer is above every z-index of the page; last raised is on top. */
  raise() {
    if (typeof this.host.showPopover !== "function") return;
    if (this.host.matches(":popover-open")) this.host.hidePopover();
    this.host.showPopover();
  }

  guard() {
    if (this.gone || document.visibilityState !== "visible" || this.isOnTop()) return;
    if (this.host.isConnected) {
      this.raise();
      if (this.isOnTop()) return;
    }
    this.remove();
    this.actions.covered();
  }

  isOnTop() {
    const { label, close } = this.parts;
    return [label, close].every((part) => part === null || isTopmost(this.host, part));
  }

  close() {
    if (this.gone) return;
    this.remove();
    this.actions.closed();
  }

  remove() {
    if (this.gone) return;
    this.gone = true;
    clearInterval(this.watch);
    document.removeEventListener("keydown", this.onKey, true);
    const hadFocus = this.host.shadowRoot.activeElement !== null;
    this.host.remove();
    for (const image of this.images) URL.revokeObjectURL(image.address);
    if (hadFocus) this.before?.focus?.({ preventScroll: true });
  }

  askWhatToRefuse() {
    const { choices, refuse, notice } = this.parts;
    const { words, release } = this;
    const offers = [
      [words.refuseKind[release.kind], { scope: "kind", kind: release.kind }],
      [words.refusePersonal, { scope: "personalisation", kind: null }],
      [words.refuseAll, { scope: "all", kind: null }],
    ];
    const buttons = offers.map(([text, refusal]) => {
      const button = actButton("act primary", text);
      button.addEventListener("click", () => this.refuse(text, refusal));
      return button;
    });
    const back = actButton("act", words.back);
    back.addEventListener("click", () => this.showActions());
    choices.replaceChildren(choices.firstElementChild, ...buttons, back);
    choices.hidden = false;
    refuse.hidden = notice.hidden = true;
    refuse.setAttribute("aria-expanded", "true");
    buttons[0].focus();
  }

  showActions() {
    const { choices, refuse } = this.parts;
    choices.hidden = true;
    refuse.hidden = false;
    refuse.setAttribute("aria-expanded", "false");
    refuse.focus();
  }

  async refuse(what, refusal) {
    this.say(this.words.saving);
    for (const button of this.parts.choices.querySelectorAll("button")) button.disabled = true;
    try {
      const id = await this.actions.refuse(refusal);
      this.parts.choices.hidden = true;
      const undo = actButton("act primary", this.words.undo);
      undo.addEventListener("click", () => this.allow(id, undo));
      this.say(this.words.refused(what), undo);
      undo.focus();
    } catch {
      this.askWhatToRefuse();
      this.say(this.words.failed);
    }
  }

  async allow(id, undo) {
    undo.disabled = true;
    try {
      await this.actions.allow(id);
      this.showActions();
      this.say(this.words.undone);
    } catch {
      this.say(this.words.failed, undo);
      undo.disabled = false;
    }
  }

  say(text, ...more) {
    this.parts.notice.replaceChildren(text, ...more);
    this.parts.notice.hidden = false;
  }
}

/** True if a tap on the centre of `part` would hit `part`. */
function isTopmost(host, part) {
  const box = part.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) return false;
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  if (document.elementFromPoint(x, y) !== host) return false;
  const hit = host.shadowRoot.elementFromPoint(x, y);
  return hit !== null && part.contains(hit);
}

/* ---------------------------------------------------------------- talking to the gateway */

const wait = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });

/** Full jitter, doubling from one second to a minute; a Retry-After in seconds wins. */
function backoff(failures, answer) {
  const asked = Number(answer?.headers.get("retry-after"));
  if (asked > 0) return Math.min(asked * 1000, 10 * MAX_BACKOFF_MS);
  return Math.min(MAX_BACKOFF_MS, 1000 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2);
}

/** Read a text/event-stream and call `onItem(event, data)` per event, `onBytes()` per chunk. */
async function readEventStream(body, onItem, onBytes) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    onBytes();
    // A CR at the end may be the first half of CRLF; it waits for the next chunk.
    pending = (pending + value).replace(/\r\n|\r(?!$)/g, "\n");
    const blocks = pending.split("\n\n");
    pending = blocks.pop();
    for (const block of blocks) emitBlock(block, onItem);
  }
}

function emitBlock(block, onItem) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  if (data.length > 0) onItem(event, data.join("\n"));
}

/** Reports of what the recipient did: kept until the gateway took them, across a reload too. */
class EventReporter {
  constructor(client) {
    this.client = client;
    this.key = `popgate.events.${client.recipient}`;
    this.waiting = client.recall(this.key);
    this.failures = 0;
    this.sending = false;
  }

  add(item, event) {
    if (!item) return;
    this.waiting.push({ item, event, at: new Date().toISOString() });
    this.client.remember(this.key, this.waiting);
    void this.flush();
  }

  async flush() {
    if (this.sending || this.waiting.length === 0) return;
    this.sending = true;
    const batch = this.waiting.slice(0, EVENT_BATCH);
    const answer = await this.post(batch);
    const final = answer !== null && answer.status < 500 && ![408, 429].includes(answer.status);
    if (final) {
      this.waiting = this.waiting.slice(batch.length);
      this.client.remember(this.key, this.waiting);
      if (!answer.ok) this.client.report(new PopgateError("event_rejected", `HTTP ${answer.status}`));
    }
    this.failures = final ? 0 : this.failures + 1;
    this.sending = false;
    if (this.waiting.length > 0) setTimeout(() => void this.flush(), final ? 0 : backoff(this.failures, answer));
  }

  async post(batch) {
    const { client } = this;
    try {
      // keepalive lets the report outlive the page; sendBeacon could not carry the secret.
      return await client.call("POST", `${client.inboxPath()}/events`, { surface: client.surface, events: batch }, { keepalive: true });
    } catch {
      return null;
    }
  }
}

/** Connects one recipient of one surface to the gateway and shows what was released to it. */
export class PopgateClient {
  /**
   * @param {object} options
   * @param {string} [options.base] address of the gateway; default this page's origin
   * @param {string} options.surface surface id
   * @param {string} options.recipient recipient token
   * @param {string} options.deviceSecret the recipient's device secret; only sent as a Bearer header
   * @param {Array<object>} [options.keys] pinned public keys, as served by the gateway; none are fetched then
   * @param {"zh"|"en"} [options.lang] default by the page's language
   * @param {number} [options.pauseMs] rest between two popups, default 3000, at least 500
   * @param {number} [options.pollMs] pause between polls where there is no stream, default 15000
   * @param {Storage} [options.storage] what was shown and unsent reports; default sessionStorage
   * @param {(problem: {code: string, message: string, text: object, releaseId: string|null}) => void} [options.onError]
   * @param {(status: string) => void} [options.onStatus] starting, connected, polling, retrying, waiting_keys, refused, unsupported, stopped
   * @param {(release: object) => void} [options.onShown]
   * @param {(release: object) => void} [options.onClosed]
   * @param {(release: object) => void} [options.onClicked]
   * @param {(refusal: object) => void} [options.onRefused] {id, scope, kind}
   * @param {(id: string) => void} [options.onAllowed] a refusal was taken back
   * @param {(release: object) => void} [options.onHeldBack] an advertisement waits for the next page
   * @param {(link: object, event: Event) => void} [options.openLink] may preventDefault() and open the link in its own way
   */
  constructor(options) {
    const { surface, recipient, deviceSecret } = options;
    if (![surface, recipient, deviceSecret].every(isText)) {
      throw new PopgateError("bad_options", "surface, recipient and deviceSecret are required");
    }
    Object.assign(this, { surface, recipient, options });
    this.secret = deviceSecret;
    this.base = new URL(options.base || "/", document.baseURI).href;
    this.lang = options.lang ?? (document.documentElement.lang.startsWith("en") ? "en" : "zh");
    if (!(this.lang in WORDS)) throw new PopgateError("bad_options", "lang is zh or en");
    this.status = "stopped";
    this.keys = null;
    this.queue = [];
    this.current = null;
    this.pumping = false;
    this.seen = new Set(this.recall(this.seenKey()));
    this.clockAheadMs = 0;
    this.adClosedOn = null;
    this.pageCount = 0;
    this.reporter = new EventReporter(this);
    this.aborter = null;
  }

  /**
   * Register a recipient of a surface.
   * @param {{base?: string, surface: string, recipient?: string, timeZone?: string, minor?: string}} wanted
   * @returns {Promise<{recipient: string, deviceSecret: string}>} the secret is given once only
   */
  static async register({ base = "/", surface, recipient, timeZone, minor }) {
    const body = { surface };
    if (recipient !== undefined) body.recipient = recipient;
    if (timeZone !== undefined) body.time_zone = timeZone;
    if (minor !== undefined) body.minor = minor;
    const url = new URL("v1/recipients", new URL(base || "/", document.baseURI));
    const answer = await fetch(url, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "omit",
    });
    if (!answer.ok) throw new PopgateError("inbox_refused", `HTTP ${answer.status}`);
    const made = await answer.json();
    return { recipient: made.recipient, deviceSecret: made.device_secret };
  }

  /** Check that signatures can be verified, load the keys, then listen until stop(). */
  async start() {
    if (this.aborter !== null) return;
    const { signal } = (this.aborter = new AbortController());
    this.setStatus("starting");
    if (!(await canVerify())) {
      // Nothing is taken from the inbox: a popup handed over is handed over once.
      this.setStatus("unsupported");
      this.report(new PopgateError("no_ed25519"));
      return;
    }
    document.addEventListener("visibilitychange", () => void this.pump(), { signal });
    for (const type of ["hashchange", "popstate"]) addEventListener(type, () => void this.pump(), { signal });
    void this.reporter.flush();
    if (await this.waitForKeys(signal)) void this.listen(signal);
  }

  /** Stop listening and take away what is shown; unsent reports stay for the next start. */
  stop() {
    this.aborter?.abort();
    this.aborter = null;
    this.queue = [];
    this.current?.remove();
    this.current = null;
    this.setStatus("stopped");
  }

  /**
   * Tell that the recipient turned to another page of a single-page app. An advertisement that was
   * closed is followed by no other on the same page (Measures for Internet Advertising art. 10(4));
   * changes of the address are noticed without this call.
   */
  newPage() {
    this.pageCount += 1;
    void this.pump();
  }

  /**
   * Refuse further popups.
   * @param {{scope: "all"|"kind"|"personalisation", kind: string|null}} refusal
   * @returns {Promise<string>} the refusal's id
   */
  async refuse({ scope, kind = null }) {
    const answer = await this.callOrNull("POST", "v1/refusals", { surface: this.surface, recipient: this.recipient, scope, kind });
    if (!answer?.ok) throw this.report(new PopgateError("refusal_failed", answer ? `HTTP ${answer.status}` : "network"));
    const { id } = await answer.json();
    this.options.onRefused?.({ id, scope, kind });
    return id;
  }

  /** What this recipient refuses now: [{id, scope, kind}]. */
  async refusals() {
    const answer = await this.callOrNull("GET", "v1/refusals");
    if (!answer?.ok) throw this.report(new PopgateError("refusals_unknown", answer ? `HTTP ${answer.status}` : "network"));
    return (await answer.json()).items;
  }

  /** Take back a refusal by its id; one that is already gone counts as taken back. */
  async allow(id) {
    const answer = await this.callOrNull("DELETE", `v1/refusals/${encodeURIComponent(id)}`);
    if (!answer?.ok && ![404, 410].includes(answer?.status)) {
      throw this.report(new PopgateError("refusal_failed", answer ? `HTTP ${answer.status}` : "network"));
    }
    this.options.onAllowed?.(id);
  }

  /**
   * Take one inbox item; it is verified and shown when its turn comes.
   * @param {{id: string|null, envelope: object}} item
   */
  receive(item) {
    this.queue.push(item);
    void this.pump();
  }

  /* ---- listening */

  async waitForKeys(signal) {
    for (let failures = 1; !signal.aborted; failures += 1) {
      if (await this.loadKeys()) return true;
      if (this.options.keys) {
        this.stop();
        return false;
      }
      this.setStatus("waiting_keys");
      await wait(backoff(failures), signal);
    }
    return false;
  }

  async loadKeys() {
    try {
      this.keys = await importKeys(this.options.keys ?? (await this.fetchKeys()));
    } catch (problem) {
      this.report(new PopgateError("keys_unavailable", problem.message));
      return false;
    }
    if (this.keys.size > 0) return true;
    this.report(new PopgateError("keys_unavailable", "no envelope key"));
    return false;
  }

  async fetchKeys() {
    const answer = await fetch(new URL(".well-known/popgate-keys", this.base), { credentials: "omit", cache: "no-cache" });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    this.noteClock(answer);
    return (await answer.json()).keys;
  }

  /** First what already waits, then the stream; where there is no stream, polling. */
  async listen(signal) {
    let failures = 0;
    while (!signal.aborted) {
      const outcome = await this.listenOnce(signal);
      if (signal.aborted) return;
      if (outcome.refused) {
        this.setStatus("refused");
        this.report(new PopgateError("inbox_refused", `HTTP ${outcome.answer.status}`));
        return;
      }
      failures = outcome.good ? 0 : failures + 1;
      if (outcome.pollAgain) {
        await wait(this.options.pollMs ?? 15_000, signal);
        continue;
      }
      this.setStatus("retrying");
      if (failures === 1) this.report(new PopgateError("inbox_unavailable", outcome.why));
      await wait(backoff(failures, outcome.answer), signal);
    }
  }

  async listenOnce(signal) {
    const waiting = await this.fetchWaiting(signal);
    if (!waiting.good) return waiting;
    const aborter = new AbortController();
    const forward = () => aborter.abort();
    signal.addEventListener("abort", forward, { once: true });
    try {
      return await this.followStream(aborter);
    } catch (problem) {
      return { good: this.streamed, why: problem.message };
    } finally {
      signal.removeEventListener("abort", forward);
    }
  }

  /** Takes one item at a time: what lies in a page that is then closed would be lost. */
  async fetchWaiting(signal) {
    if (this.current !== null || this.queue.some((item) => !this.isHeldBack(item))) return { good: true };
    const answer = await this.callOrNull("GET", `${this.inboxPath()}?${this.query()}&limit=1`, undefined, { signal });
    if (answer === null) return { good: false, why: "network" };
    if ([400, 401, 403, 404, 410, 422].includes(answer.status)) return { good: false, refused: true, answer };
    if (!answer.ok) return { good: false, answer, why: `HTTP ${answer.status}` };
    this.noteClock(answer);
    const items = await answer.json().then((body) => body.items, () => null);
    if (!Array.isArray(items)) return { good: false, why: "not an inbox" };
    for (const item of items) this.receive(item);
    return { good: true };
  }

  async followStream(aborter) {
    this.streamed = false;
    const answer = await this.call("GET", `${this.inboxPath()}/stream?${this.query()}`, undefined, { signal: aborter.signal });
    const streams = (answer.headers.get("content-type") ?? "").startsWith("text/event-stream");
    if ([404, 405, 406, 501].includes(answer.status) || (answer.ok && !streams)) {
      await answer.body?.cancel();
      this.setStatus("polling");
      return { good: true, pollAgain: true };
    }
    if (!answer.ok) return { good: false, answer, why: `HTTP ${answer.status}` };
    this.streamed = true;
    this.setStatus("connected");
    let watchdog = 0;
    const alive = () => {
      clearTimeout(watchdog);
      // A connection that died silently gives no error; the gateway's keep-alive comments do.
      watchdog = setTimeout(() => aborter.abort(), this.options.silenceMs ?? 60_000);
    };
    alive();
    try {
      await readEventStream(answer.body, (event, data) => this.takeStreamed(event, data), alive);
    } finally {
      clearTimeout(watchdog);
    }
    return { good: true, why: "stream ended" };
  }

  takeStreamed(event, data) {
    if (event !== "popup") return;
    try {
      this.receive(JSON.parse(data));
    } catch {
      this.report(new PopgateError("malformed", "stream item is not JSON"));
    }
  }

  /* ---- showing */

  /** Show the next popup if none is there, the page is looked at and no modal window is open. */
  async pump() {
    if (this.pumping || this.current !== null || this.keys === null) return;
    this.pumping = true;
    try {
      while (this.current === null && this.queue.length > 0 && this.mayShow()) {
        const at = this.queue.findIndex((item) => !this.isHeldBack(item));
        if (at < 0) break;
        await this.take(this.queue.splice(at, 1)[0]);
      }
    } finally {
      this.pumping = false;
    }
  }

  mayShow() {
    if (this.aborter === null || document.visibilityState !== "visible") return false;
    const blocked = document.querySelector("dialog:modal") !== null || Date.now() < (this.restUntil ?? 0);
    if (blocked) {
      clearTimeout(this.later);
      this.later = setTimeout(() => void this.pump(), 250);
    }
    return !blocked;
  }

  isHeldBack(item) {
    return item.release?.kind === "advertisement" && this.adClosedOn === this.page();
  }

  page() {
    return `${this.pageCount} ${location.href}`;
  }

  async take(item) {
    let release = item.release ?? null;
    try {
      release = await this.verify(item?.envelope);
      if (this.seen.has(release.release_id) || this.seen.has(release.push_id)) throw new PopgateError("already_seen", release.release_id);
      item.release = release;
      if (this.isHeldBack(item)) {
        this.queue.push(item);
        this.options.onHeldBack?.(release);
        return;
      }
      const images = await loadImages(release, this.base);
      if (this.aborter !== null) this.display(item.id, release, images);
    } catch (problem) {
      if (!(problem instanceof PopgateError)) throw problem;
      this.report(problem, release?.release_id ?? null);
    }
  }

  async verify(envelope) {
    const expected = { surface: this.surface, now: this.now() };
    try {
      return await verifyEnvelope(envelope, this.keys, expected);
    } catch (problem) {
      if (problem.code !== "unknown_key" || this.options.keys || !this.mayReloadKeys()) throw problem;
      const kept = this.keys;
      if (!(await this.loadKeys())) this.keys = kept;
      return await verifyEnvelope(envelope, this.keys, expected);
    }
  }

  /** A new key may have been rotated in; asking once a minute is enough. */
  mayReloadKeys() {
    const due = Date.now() - (this.keysReloadedAt ?? 0) > 60_000;
    if (due) this.keysReloadedAt = Date.now();
    return due;
  }

  display(itemId, release, images) {
    const finish = () => {
      this.current = null;
      if (release.kind === "advertisement") this.adClosedOn = this.page();
      this.restUntil = Date.now() + Math.max(500, this.options.pauseMs ?? 3000);
      void this.pump();
    };
    const popup = new Popup(release, images, {
      lang: this.lang,
      openLink: this.options.openLink,
      refuse: (refusal) => this.refuse(refusal),
      allow: (id) => this.allow(id),
      closed: () => {
        this.reporter.add(itemId, "closed");
        finish();
        this.options.onClosed?.(release);
      },
      clicked: () => {
        this.reporter.add(itemId, "clicked");
        finish();
        this.options.onClicked?.(release);
      },
      covered: () => {
        finish();
        this.report(new PopgateError("covered"), release.release_id);
      },
    });
    this.note(release);
    if (!popup.show()) throw new PopgateError("covered");
    this.current = popup;
    this.reporter.add(itemId, "shown");
    this.options.onShown?.(release);
  }

  /* ---- remembering */

  /** A push that was put on screen once never is again, whatever the inbox says. */
  note(release) {
    this.seen.add(release.release_id).add(release.push_id);
    this.remember(this.seenKey(), [...this.seen].slice(-MAX_REMEMBERED));
  }

  seenKey() {
    return `popgate.seen.${this.surface}.${this.recipient}`;
  }

  remember(key, list) {
    try {
      this.store().setItem(key, JSON.stringify(list));
    } catch {
      // Storage may be full or forbidden; what is in memory still holds for this page.
    }
  }

  recall(key) {
    try {
      const list = JSON.parse(this.store().getItem(key) ?? "[]");
      return Array.isArray(list) ? list : [];
    } catch {
      return [];
    }
  }

  store() {
    return this.options.storage ?? sessionStorage;
  }

  /* ---- plumbing */

  /** The later of this device's clock and the gateway's: a wrong clock shows less, never more. */
  now() {
    return Date.now() + this.clockAheadMs;
  }

  noteClock(answer) {
    const theirs = Date.parse(answer.headers.get("date") ?? "");
    if (Number.isFinite(theirs)) this.clockAheadMs = Math.max(0, theirs - Date.now());
  }

  inboxPath() {
    return `v1/inbox/${encodeURIComponent(this.recipient)}`;
  }

  query() {
    return `surface=${encodeURIComponent(this.surface)}`;
  }

  call(method, path, body, { signal, keepalive = false } = {}) {
    const headers = { Authorization: `Bearer ${this.secret}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return fetch(new URL(path, this.base), {
      method, headers, signal, keepalive, credentials: "omit", cache: "no-store",
      referrerPolicy: "no-referrer", body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async callOrNull(...request) {
    try {
      return await this.call(...request);
    } catch {
      return null;
    }
  }

  setStatus(status) {
    if (this.status === status) return;
    this.status = status;
    this.options.onStatus?.(status);
  }

  report(problem, releaseId = null) {
    const { code, detail, text } = problem;
    const told = { code, detail, text, message: text[this.lang], releaseId };
    if (this.options.onError) this.options.onError(told);
    else console.warn(`[popgate] ${code}: ${told.message}${detail ? ` (${detail})` : ""}`);
    return problem;
  }
}

globalThis.Popgate = Object.freeze({ PopgateClient, PopgateError, canVerify, importKeys, verifyEnvelope, previewRelease });
