// What edge and worker share: a Moleculer broker on RabbitMQ, tuned for throughput.

import { ServiceBroker } from "moleculer";

export function createBroker(nodeID) {
  return new ServiceBroker({
    nodeID,
    logger: false,
    metrics: false,
    tracing: false,
    registry: { preferLocal: false },
    transporter: {
      type: "AMQP",
      options: {
        url: process.env.AMQP_URL,
        prefetch: 200, // the default is 1
        socketOptions: { noDelay: true },
      },
    },
  });
}
