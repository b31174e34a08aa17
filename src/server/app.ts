import express, { type Express, type Request, type Response } from 'express';
import type { Registry } from 'prom-client';
import { addDiscovery, type Discovery } from './discovery.ts';
import { toStatus } from './status.ts';

/** The express app of the TLS port: whatever `/authenticate` does not take. */
export function createApp(discovery?: Discovery): Express {
  const app = bareApp();
  if (discovery !== undefined) addDiscovery(app, discovery);
  app.use(notFound);
  return app;
}

/** A condition of `/readyz`: its name, and what is wrong where it does not hold. */
export interface ReadinessCheck {
  readonly name: string;
  readonly problem: () => string | undefined;
  /** What `?verbose` says beside that it holds. */
  readonly note?: () => string;
}

/** The express app of the health port: `/livez` and `/readyz`, with `?verbose` as kube-apiserver has them, and `/metrics`. */
export function createHealthApp(checks: readonly ReadinessCheck[], registry: Registry): Express {
  const app = bareApp();
  app.get('/metrics', async (_, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  app.get('/livez', (request, response) => report({ request, response, checks: [], name: 'livez' }));
  app.get('/readyz', (request, response) => report({ request, response, checks, name: 'readyz' }));
  app.use(notFound);
  return app;
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
  response.send(isVerbose ? `${[...lines, verdict].join('\n')}\n` : 'ok');
}

function bareApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  return app;
}

function notFound(request: Request, response: Response): void {
  response.status(404).json(toStatus(404, `${request.method} ${request.path} is not served here`));
}
