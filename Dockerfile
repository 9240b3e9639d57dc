# Portico's own image. Build it from here: docker build -t portico .
# It runs what tsc makes of src/: Node could run src/ as it is, at 20 MB of memory and 0.2 s of every start more.
ARG NODE_IMAGE=node:24-bookworm-slim
# What Node is linked with, and no shell, no package manager: what is not there needs no updates and helps nobody who gets in.
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: the only one fetches Node for machines that have an older one, and this image brings its own.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY .config/tsconfig.build.json .config/
COPY src src
# Types are for who installs the package.
RUN npm run build -- --declaration false

FROM ${NODE_IMAGE} AS modules
WORKDIR /app
COPY package.json package-lock.json ./
# More than half of it is read by nobody here: types, source maps, manuals, tests, and addons for another runtime (.bare).
RUN npm ci --omit=dev --ignore-scripts && \
    find node_modules -type d -name test -prune -exec rm -r '{}' + && \
    find node_modules -type f '(' -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.map' -o -name '*.bare' \
      -o -iname '*.md' -a -not -iname 'licen*' ')' -delete

FROM ${RUNTIME_IMAGE}
ARG VERSION=dev
LABEL org.opencontainers.image.title="portico" \
      org.opencontainers.image.description="Three HTTP calls, /start, /stop and /query, served by Kubernetes Jobs" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"

# A container is reached from outside it alone; without a cluster Portico refuses to start on such an address.
ENV NODE_ENV=production \
    PORTICO_ADDRESS=0.0.0.0
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY LICENSE package.json ./
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/dist dist
# What browsers get, as it is.
COPY src/http/page src/http/page

# A number, since runAsNonRoot cannot tell from a name that it is not root. It owns nothing here and writes nothing:
# a read-only root is fine.
USER 65532:65532
EXPOSE 3000
# Node itself is PID 1, with no shell or npm between it and SIGTERM, which main.ts handles; it starts no processes here.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "dist/main.js"]
