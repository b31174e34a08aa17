/** The limit for an exchange on node:https: a TLS handshake that asks for a certificate, and one small answer. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const [certificate = '', key = '', ca = ''] = process.argv.slice(2);
const server = createServer(
  {
    cert: readFileSync(certificate),
    key: readFileSync(key),
    ca: readFileSync(ca),
    requestCert: true,
    rejectUnauthorized: true,
  },
  (request, response) => {
    request.resume();
    request.on('end', () => {
      const body = JSON.stringify({ access_token: 'x'.repeat(1200), token_type: 'Bearer', expires_in: 300 });
      response
        .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
        .end(body);
    });
  },
);
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
