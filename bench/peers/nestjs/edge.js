// NestJS as an HTTP front with ClientRMQ behind it. Plain JavaScript: decorators are called by hand,
// which is what TypeScript's compiled output does, so there is no build step.

import "reflect-metadata";
import { Body, Controller, HttpCode, Inject, Module, Post } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ClientsModule, Transport } from "@nestjs/microservices";
import { FastifyAdapter } from "@nestjs/platform-fastify"; // faster than the default, Express

class EchoController {
  constructor(client) {
    this.client = client;
  }

  echo(body) {
    return this.client.send("echo", body); // an Observable: Nest subscribes to it by itself
  }
}
Controller()(EchoController);
Inject("WORKER")(EchoController, undefined, 0);
const echo = Object.getOwnPropertyDescriptor(EchoController.prototype, "echo");
Post("echo")(EchoController.prototype, "echo", echo);
HttpCode(200)(EchoController.prototype, "echo", echo);
Body()(EchoController.prototype, "echo", 0);

class AppModule {}
Module({
  imports: [
    ClientsModule.register([
      {
        name: "WORKER",
        transport: Transport.RMQ,
        options: {
          urls: [process.env.AMQP_URL],
          queue: "echo",
          queueOptions: { durable: true },
          prefetchCount: 200,
          // Replies come by direct reply-to with noAck, messages are transient: Nest's defaults.
          socketOptions: { connectionOptions: { noDelay: true } },
        },
      },
    ]),
  ],
  controllers: [EchoController],
})(AppModule);

const app = await NestFactory.create(AppModule, new FastifyAdapter({ logger: false }), {
  logger: false,
});
await app.listen(Number(process.env.PORT), "127.0.0.1");
