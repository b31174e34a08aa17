import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { Registry } from 'prom-client';
import { addDiscovery, type Discovery } from './discovery.ts';
import { toPrintableLines } from './printable.ts';
import type { Service } from './service.ts';
import { toStatus } from './status.ts';

/** Where faults of ours are told. */
type Faults = Pick<Service, 'log' | 'newDecisionId'>;

/** The app of a TLS port: whatever its endpoints do not take. */
export function createApp(faults: Faults, discovery?: Discovery): RequestListener {
  const app = bareApp();
  if (discovery !== undefined) addDiscovery(app, discovery);
  return finish(app, faults);
}

/** A condition of `/readyz`: its name, and what is wrong where it does not hold. */
export interface ReadinessCheck {
  readonly name: string;
  readonly problem: () => string | undefined;
  /** What `?verbose` says beside that it holds. */
  readonly note?: () => string;
}

/** The app of the health port: `/livez` and `/readyz`, with `?verbose` as kube-apiserver has them, and `/metrics`. */
export function createHealthApp(
  checks: readonly ReadinessCheck[],
  registry: Registry,
  faults: Faults,
): RequestListener {
  const app = bareApp();
  app.get('/metrics', async (_, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  app.get('/livez', (request, response) => report({ request, response, checks: [], name: 'livez' }));
  app.get('/readyz', (request, response) => report({ request, response, checks, name: 'readyz' }));
  return finish(app, faults);
}

interface HealthRequest {
  readonly request: Request;
  readonly response: Response;
  readonly checks: readonly ReadinessCheck[];
  readonly name: string;
}

function report({ request, response, checks, name }: HealthRequest): void {
  const results = checks.map(({ name, problem, note }) => ({ name, problem: problem(), note: note?.() }));
  const isHealthy = results.every(({ problem }) => problem === undefined);
  const lines = results.map(({ name, problem, note }) => {
    if (problem !== undefined) return `[-]${name} failed: ${problem}`;
    return `[+]${name} ok${note === undefined ? '' : `: ${note}`}`;
  });
  const verdict = `${name} check ${isHealthy ? 'passed' : 'failed'}`;
  const isVerbose = request.query['verbose'] !== undefined || !isHealthy;
  response.status(isHealthy ? 200 : 503).type('text/plain');
  response.send(isVerbose ? `${[...lines, verdict].map(toPrintableLines).join('\n')}\n` : 'ok');
}

function bareApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  return app;
}

/** Ends an app with the answers that express would give as pages: to what is not served, to faults, to a target that is no path and no URL. */
function finish(app: Express, { log, newDecisionId }: Faults): RequestListener {
  app.use(notFound);
  // Express knows what handles errors by its four parameters.
  // oxlint-disable-next-line eslint/max-params
  const answerFault: ErrorRequestHandler = (error, _request, response, _next) => {
    log.failed(newDecisionId(), error);
    response.status(503).json(toStatus(503, 'the request could not be answered'));
  };
  app.use(answerFault);
  return (request, response) => {
    const { url = '' } = request;
    if (url.startsWith('/') || url === '*' || URL.canParse(url)) app(request, response);
    else {
      response.writeHead(400, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(toStatus(400, 'the request target is not a URL: expected a path')));
    }
  };
}

function notFound(request: Request, response: Response): void {
  response.status(404).json(toStatus(404, `${request.method} ${request.path} is not served here`));
}
