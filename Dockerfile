# One image for every process: `serve` (the default), `dispatch`, `migrate` and the rest of popgate.
# Pin the two base images by digest where you build.

FROM node:24-slim AS assets
WORKDIR /opt/popgate/app/console
COPY app/console/package.json app/console/package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM python:3.13-slim AS build
WORKDIR /opt/popgate
COPY requirements.lock ./
COPY app/environment.py app/
RUN python -I app/environment.py --packages
COPY --from=assets /opt/popgate/app/console app/console
RUN python -I app/environment.py --vendor && rm -r app/console/node_modules
COPY LICENSE README.md pyproject.toml popgate ./
COPY wordlists wordlists
COPY migrations migrations
COPY app app
# What built the environment is not needed to run it.
RUN .venv/bin/python -m pip uninstall --quiet --yes setuptools pip
RUN .venv/bin/python -m compileall -q app migrations

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GATEWAY_MODE=production GATEWAY_HOST=0.0.0.0 GATEWAY_PORT=8000 \
    GATEWAY_DATA_DIR=/var/lib/popgate
COPY --from=build /opt/popgate /opt/popgate
# The folders that a volume is mounted on must be ours before it is.
RUN for part in . keys checkpoints; do install -d -o 10001 -g 10001 -m 0700 /var/lib/popgate/$part; done
WORKDIR /opt/popgate
USER 10001:10001
VOLUME /var/lib/popgate
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
    CMD [".venv/bin/python", "-c", "import os, urllib.request as ask; ask.urlopen(f'http://127.0.0.1:{os.environ[\"GATEWAY_PORT\"]}/readyz', timeout=3)"]
ENTRYPOINT ["/opt/popgate/popgate"]
CMD ["serve"]
