// Moleculer's API gateway, moleculer-web, with one alias and nothing else on the path.

import ApiGateway from "moleculer-web";
import { createBroker } from "./broker.js";

const broker = createBroker("edge");
broker.createService({
  name: "api",
  mixins: [ApiGateway],
  settings: {
    port: Number(process.env.PORT),
    ip: "127.0.0.1",
    // Off: one line a request each.
    logRequest: null,
    logResponse: null,
    logRequestParams: null,
    logResponseData: null,
    routes: [
      {
        path: "/",
        aliases: { "POST echo": "echo.echo" },
        mappingPolicy: "restrict",
        bodyParsers: { json: true, urlencoded: false },
      },
    ],
  },
});
await broker.start();
await broker.waitForServices("echo");
