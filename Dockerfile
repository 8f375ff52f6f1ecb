# The demo in a container. It shows tokens, so publish its port on your own machine only:
#   docker build -t express-token-router-demo .
#   docker run --rm -p 127.0.0.1:3000:3000 express-token-router-demo
FROM node:24-slim
USER node
RUN mkdir /home/node/demo
WORKDIR /home/node/demo
COPY --chown=node:node package.json package-lock.json ./
# No package needs its install script here. The specs' tools come too: the compiler and Auth0's SDK are among them.
RUN npm ci --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY --chown=node:node tsconfig.json ./
COPY --chown=node:node lib lib
COPY --chown=node:node examples examples
RUN npm run build
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "examples/auth-server/health.js"]
# Not npm: node itself has to hear SIGTERM, to answer the requests in flight.
CMD ["node", "examples/auth-server/server.js"]
