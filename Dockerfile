# The demo in a container. It shows tokens, so publish its port on your own machine only:
#   docker build -t express-token-router-demo .
#   docker run --rm -p 127.0.0.1:3000:3000 express-token-router-demo
FROM node:24-slim
USER node
RUN mkdir /home/node/demo
WORKDIR /home/node/demo
COPY --chown=node:node package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY --chown=node:node tsconfig.json ./
COPY --chown=node:node lib lib
COPY --chown=node:node examples examples
RUN npm run build
ENV HOST=0.0.0.0 PORT=3000
EXPOSE 3000
# Not npm: node itself has to hear SIGTERM, to answer the requests in flight.
CMD ["node", "examples/auth-server/server.js"]
