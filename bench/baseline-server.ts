/**
 * The limit for a server on node:https: one JSON.parse, one JSON.stringify, and between them for a TokenReview one ES256 crypto.verify; with
 * `unsigned` as the third argument none, which is the limit for a SubjectAccessReview.
 */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const [certificate = '', key = '', mode = 'signed'] = process.argv.slice(2);
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const input = Buffer.alloc(1024, 'x');
const signature = sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });

const server = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key) },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString());
      const isSigned = (): boolean =>
        verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
      const authenticated = mode === 'unsigned' || isSigned();
      const body = JSON.stringify({
        kind: review.kind,
        apiVersion: review.apiVersion,
        status: { authenticated, user: { username: 'x', groups: ['y'] } },
      });
      response
        .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
        .end(body);
    });
  },
);
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
