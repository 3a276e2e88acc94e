import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiModule } from '../../src/api/api.module.js';
import { createOpenApiDocument } from '../../src/api/http/openapi.js';
import { CLOCK } from '../../src/application/ports/clock.port.js';

const TOKENS = [CommandBus, QueryBus, ConfigService, CLOCK];

/** Stands for everything behind the controllers. A preview reads their decorators and creates no instance. */
@Module({})
class NothingBehind {}

/** Returns the OpenAPI document of all routes as the service answers it, without starting anything. */
export async function readOpenApiDocument(): Promise<OpenAPIObject> {
  const behind: DynamicModule = {
    module: NothingBehind,
    global: true,
    providers: TOKENS.map((provide) => ({ provide, useValue: null })),
    exports: TOKENS,
  };
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.register(behind),
    new FastifyAdapter(),
    { preview: true, logger: false, abortOnError: false },
  );
  return createOpenApiDocument(app, true);
}
