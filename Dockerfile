# The image of Syncline: `docker build -t syncline:0.1.0 .`, then `docker run syncline:0.1.0 worker`.
#
# Its bases are pinned by their full versions. To pin them by digest as well, append what
# `docker buildx imagetools inspect node:24.20.0-trixie-slim` (and of golang) prints to the FROM lines.

FROM node:24.20.0-trixie-slim AS build
WORKDIR /app
# First the dependencies alone, so that a change of the sources does not install them again.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

# helm and kustomize, of the versions that Syncline gets elsewhere too (programs/catalogue.ts): built from modules whose sums go.sum has,
# so that nothing enters the image that its publisher could have changed since.
FROM golang:1.26.8-trixie AS programs
ENV CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=local
COPY programs/go/helm /src/helm
RUN cd /src/helm && go build -trimpath -o /out/helm -ldflags '-s -w -X helm.sh/helm/v4/internal/version.version=v4.3.1' helm.sh/helm/v4/cmd/helm
COPY programs/go/kustomize /src/kustomize
RUN cd /src/kustomize && go build -trimpath -o /out/kustomize -ldflags '-s -w' sigs.k8s.io/kustomize/kustomize/v5
# What does not run, or is another version, ends the build.
RUN /out/helm version --short | grep -F v4.3.1 && go version -m /out/kustomize | grep -E 'kustomize/v5[[:space:]]+v5.8.1'

FROM node:24.20.0-trixie-slim AS runtime
# Temporal's client and worker verify TLS with the system's certificates, which the slim image lacks. A server or a worker that renders
# sources (`--source`) reads repositories with git, by ssh too.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
    && rm -rf /var/lib/apt/lists/*
COPY --from=programs /out/helm /out/kustomize /usr/local/bin/
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
