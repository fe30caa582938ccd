// An amqplib worker by hand. It gives the bytes back; acks after the reply, as an RPC worker must
// that loses no call when it dies. It also stands behind queuegate's dialect "raw", unchanged.

import amqp from "amqplib";

const QUEUE = process.env.QUEUE ?? "echo";

const connection = await amqp.connect(process.env.AMQP_URL, { noDelay: true });
const channel = await connection.createChannel();
await channel.assertQueue(QUEUE, { durable: true });
await channel.prefetch(200); // deep enough that the worker never waits for the broker

await channel.consume(QUEUE, (message) => {
  const { replyTo, correlationId, contentType } = message.properties;
  channel.sendToQueue(replyTo, message.content, { correlationId, contentType });
  channel.ack(message);
});
