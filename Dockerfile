# The image of Syncline: `docker build -t syncline:0.1.0 .`, then `docker run syncline:0.1.0 worker`.
#
# The base is pinned by its full version. To pin it by digest as well, append what
# `docker buildx imagetools inspect node:24.20.0-trixie-slim` prints to both FROM lines.

FROM node:24.20.0-trixie-slim AS build
WORKDIR /app
# First the dependencies alone, so that a change of the sources does not install them again.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24.20.0-trixie-slim AS runtime
# Neither helm nor kustomize nor git: sources are rendered where `syncline sync` runs, and a worker reads what was rendered. A server or a
# worker that is to render sources itself (`--source`) needs them added.
# Temporal's client and worker verify TLS with the system's certificates, which the slim image lacks.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
# Owned by root, so that the process can't change its own program.
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# The folder of a `file:` bundle store: mount a volume there, and set SYNCLINE_BUNDLES=file:/var/lib/syncline.
RUN chmod 0755 dist/cli/main.js \
    && ln -s /app/dist/cli/main.js /usr/local/bin/syncline \
    && install --directory --owner=node --group=node --mode=0700 /var/lib/syncline
USER 1000:1000
# No HEALTHCHECK: the image serves short commands too, and a worker that can't work ends by itself.
ENTRYPOINT ["syncline"]
CMD ["--help"]
