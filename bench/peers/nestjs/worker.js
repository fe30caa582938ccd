// A NestJS microservice on RabbitMQ, in plain JavaScript (see edge.js).

import "reflect-metadata";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { MessagePattern, Payload, Transport } from "@nestjs/microservices";

class EchoController {
  echo(body) {
    return body;
  }
}
Controller()(EchoController);
const echo = Object.getOwnPropertyDescriptor(EchoController.prototype, "echo");
MessagePattern("echo")(EchoController.prototype, "echo", echo);
Payload()(EchoController.prototype, "echo", 0);

class AppModule {}
Module({ controllers: [EchoController] })(AppModule);

const app = await NestFactory.createMicroservice(AppModule, {
  logger: false,
  transport: Transport.RMQ,
  options: {
    urls: [process.env.AMQP_URL],
    queue: "echo",
    queueOptions: { durable: true },
    prefetchCount: 200,
    // Nest's default, and the faster way; a worker that dies loses the calls that it holds.
    noAck: true,
    socketOptions: { connectionOptions: { noDelay: true } },
  },
});
await app.listen();
