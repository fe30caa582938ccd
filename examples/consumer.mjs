// The same as thumbnails.py in Node: npm install amqplib, then
//   BROKER_URL=amqp://guest:guest@localhost/ node consumer.mjs
import amqp from "amqplib";

const connection = await amqp.connect(process.env.BROKER_URL);
const channel = await connection.createChannel();
await channel.assertQueue("thumbnails", { durable: true });
await channel.prefetch(10);

await channel.consume("thumbnails", (message) => {
  if (message === null) process.exit(1); // the queue was deleted
  const { replyTo, correlationId, contentType, headers } = message.properties;
  const width = Number(new URLSearchParams(headers["x-query"] ?? "").get("width") ?? 128);
  const known = Number.isInteger(width) && width >= 0;
  if (replyTo) {
    channel.sendToQueue(
      replyTo,
      known ? message.content.subarray(0, width) : Buffer.from("width is a number of pixels"),
      {
        correlationId,
        contentType: known ? contentType : "text/plain",
        headers: { "x-status": known ? 200 : 400 },
      },
    );
  }
  channel.ack(message); // the answer first, then the ack
});
