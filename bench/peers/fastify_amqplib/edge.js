// Fastify + amqplib by hand: what a good Node engineer writes in an afternoon. No policies at all:
// no retry, breaker, deadline, log line, metrics or request id goes with a call.

import { randomUUID } from "node:crypto";
import amqp from "amqplib";
import Fastify from "fastify";

const QUEUE = "echo";
const REPLIES = "amq.rabbitmq.reply-to"; // RabbitMQ's direct reply-to: no reply queue to keep

// noDelay: amqplib leaves Nagle's algorithm on, which costs up to 40 ms a call on an idle connection.
const connection = await amqp.connect(process.env.AMQP_URL, { noDelay: true });
const channel = await connection.createChannel();

// Short ids: a prefix that is this process's own, and a counter. A UUID a call would cost more.
const prefix = randomUUID().slice(0, 8);
let count = 0;
const waiting = new Map();

await channel.consume(
  REPLIES,
  (message) => {
    const settle = waiting.get(message.properties.correlationId);
    if (settle === undefined) return;
    waiting.delete(message.properties.correlationId);
    settle(message.content);
  },
  { noAck: true }, // direct reply-to demands it
);

const app = Fastify({ logger: false, disableRequestLogging: true });

// The body goes on as the bytes that came: parsing JSON only to write it again would be waste.
app.removeAllContentTypeParsers();
app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
  done(null, body),
);

app.post("/echo", (request, reply) => {
  const correlationId = `${prefix}${count++}`;
  waiting.set(correlationId, (content) => reply.type("application/json").send(content));
  // Transient, and no publisher confirms: a call is worth nothing after a restart.
  channel.sendToQueue(QUEUE, request.body, {
    correlationId,
    replyTo: REPLIES,
    contentType: "application/json",
  });
  return reply; // tells Fastify that the answer comes later, without a promise a call
});

await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
