// A Moleculer node with one action.

import { createBroker } from "./broker.js";

const broker = createBroker("worker");
broker.createService({ name: "echo", actions: { echo: (context) => context.params } });
await broker.start();
