import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { addEdgeAnswers } from './openapi-answers.js';
import { addRequestIds } from './openapi-request-id.js';

const DOCS_PATH = 'api/docs';
/** The second has the files of the page at `/api/docs/index.html`. */
const DOCS_ASSETS_ROUTES: readonly (string | undefined)[] = [`/${DOCS_PATH}/*`, `/${DOCS_PATH}/docs/*`];
/** The files that the page of the API docs loads. */
const DOCS_ASSETS: ReadonlySet<string> = new Set([
  'favicon-16x16.png',
  'favicon-32x32.png',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'swagger-ui.css',
]);

/** Serves the page at `/api/docs` and the document at `/api/docs-json`. */
export function serveApiDocs(app: NestFastifyApplication, showInternal: boolean): void {
  const fastify = app.getHttpAdapter().getInstance();
  restrictDocsAssets(fastify);
  let document: OpenAPIObject | undefined;
  const getDocument = (): OpenAPIObject => (document ??= createOpenApiDocument(app, showInternal));
  SwaggerModule.setup(DOCS_PATH, app, getDocument, { raw: false });
  // The package would write the text anew for each request, and each unread answer would hold one.
  let json: Buffer | undefined;
  fastify.get(`/${DOCS_PATH}-json`, (_request, reply) => {
    json ??= Buffer.from(JSON.stringify(getDocument()));
    return reply.type('application/json').send(json);
  });
}

/** Hides the other files of the package, which include its version and its sources. */
function restrictDocsAssets(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!DOCS_ASSETS_ROUTES.includes(request.routeOptions.url)) {
      done();
      return;
    }
    const { '*': file } = request.params as { readonly '*': string };
    if (DOCS_ASSETS.has(file)) done();
    else reply.callNotFound();
  });
}

export function createOpenApiDocument(app: NestFastifyApplication, showInternal: boolean): OpenAPIObject {
  const document = SwaggerModule.createDocument(
    app,
    new DocumentBuilder()
      .setTitle('Analytics & Presence · 用户活跃度与在线状态')
      .setDescription(
        'Receives events; answers daily active users, online users and their history.\n\n' +
          '接收行为事件，提供日活、当前在线人数与在线历史。',
      )
      .setVersion('1')
      .addServer('/', 'The service that answers this document · 提供本文档的服务')
      .addTag('Analytics', 'Events in; daily, weekly, monthly and retained users out · 行为事件与活跃用户')
      .addTag('Presence', 'Heartbeats in; users online and their history out · 心跳与在线人数')
      .addTag('Live', 'Figures pushed as they change · 实时推送')
      .addTag('Operation', 'For those who run the service · 运维')
      .addBearerAuth({
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'A token of the Identity service · Identity 服务签发的令牌',
      })
      .addTag('Internal', 'Figures for other services of the platform · 供平台内其他服务使用')
      .addApiKey(
        {
          type: 'apiKey',
          in: 'header',
          name: 'X-Internal-Api-Key',
          description: 'The key of the internal API · 内部接口密钥',
        },
        'internal-key',
      )
      .build(),
    // Generators make the names of functions of them.
    { operationIdFactory: (_controller, method) => method },
  );
  const complete = addRequestIds(addEdgeAnswers(document));
  return showInternal ? complete : withoutInternalRoutes(complete);
}

function withoutInternalRoutes(document: OpenAPIObject): OpenAPIObject {
  const { 'internal-key': _internal, ...securitySchemes } = document.components?.securitySchemes ?? {};
  return {
    ...document,
    tags: document.tags?.filter(({ name }) => name !== 'Internal') ?? [],
    components: { ...document.components, securitySchemes },
    paths: Object.fromEntries(
      Object.entries(document.paths).filter(([path]) => !path.startsWith('/internal/')),
    ),
  };
}
