# headcount as an image: one bundle, no node_modules, no shell, no package manager.
# `npm run image:check` makes and runs the last stage without a container engine. It handles the instructions that are
# used here, and fails at any other.

FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No script of a dependency runs.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node packaging/bundle.ts
RUN node packaging/page.ts
# Compiled code, made by the Node, with the flags, at the path and as the user that will read it: all are in the cache's key.
RUN mkdir -m 777 .compile-cache
USER 65532:65532
RUN node --max-semi-space-size=8 --no-memory-reducer-favors-memory packaging/warm.ts

FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
LABEL org.opencontainers.image.title="headcount" \
      org.opencontainers.image.description="Admission webhook for KServe multi-node inference" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
WORKDIR /app
# The Node that made the compile cache, not the one that a base image happens to have.
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/docs/rules docs/rules
COPY --from=build /app/schemas schemas
COPY --from=build /app/dist/bundle dist/bundle
COPY --from=build /app/dist/page dist/page
COPY --from=build /app/.compile-cache .compile-cache
# MALLOC_: the C library's allocator raises this threshold by itself after the first large body, and then keeps what
# such bodies took between smaller blocks. Written down, it stays, and large ones are given back.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.compile-cache \
    MALLOC_MMAP_THRESHOLD_=131072
USER 65532:65532
EXPOSE 9443 8081
# Under load Node would let the young generation grow to 128 MB; past the heap's limit it then collects without end.
# After 8 s without a review V8 would drop what it has compiled to save 20 MB; the next thousands cost up to twice as much.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=8", "--no-memory-reducer-favors-memory", "dist/bundle/main.js"]
CMD ["help"]
