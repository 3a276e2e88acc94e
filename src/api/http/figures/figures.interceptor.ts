import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { concatMap, type Observable } from 'rxjs';
import { acceptedFormat, CSV_TYPE, JSON_TYPE } from './accepted-format.js';
import { writeCsv, type CsvTable } from './csv.js';

/** Writes an answer as JSON or as CSV, as the client prefers. */
export class FiguresInterceptor<Body> implements NestInterceptor<Body, string> {
  constructor(
    private readonly table: CsvTable<Body>,
    private readonly toJson: (body: Body) => string = JSON.stringify,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<Body>): Observable<string> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { type, bom } = acceptedFormat(request.headers.accept);
    // The time limit may have answered, or the client may have left.
    const isOver = (): boolean => reply.sent || request.raw.socket.destroyed;
    return next.handle().pipe(
      concatMap(async (body) => {
        const text = type === CSV_TYPE ? await writeCsv(this.table, body, bom, isOver) : this.toJson(body);
        // The headers of another answer stay.
        if (!reply.sent) describe(reply, type, request.routeOptions.url ?? '');
        return text;
      }),
    );
  }
}

function describe(reply: FastifyReply, type: string, route: string): void {
  if (type !== CSV_TYPE) {
    void reply.type(`${JSON_TYPE}; charset=utf-8`);
    return;
  }
  const name = route.split('/').filter(Boolean).join('-');
  void reply
    .type(`${CSV_TYPE}; charset=utf-8; header=present`)
    .header('content-disposition', `attachment; filename="${name}.csv"`);
}
