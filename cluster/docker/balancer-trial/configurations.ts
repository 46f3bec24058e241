/**
 * The two HAProxies of a balancer's trial (`try-balancer.ts`): the one that is measured, with one
 * thread as on an edge, and one behind it that answers every request at once.
 */

/** Ports of the measured one: as HTTP, and as the edges do it. */
export const HTTP_PORT = 8080;
export const EDGE_PORT = 8443;
export const ANSWER_PORT = 8081;
export const CERTIFICATE_FILE = '/trial/edge.pem';

const COMMON = `global
  nbthread 1
  maxconn 4000
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-curves X25519:P-256

defaults
  timeout connect 1s
  timeout client 30s
  timeout server 30s
`;

export const MEASURED = `${COMMON}
frontend requests
  mode http
  bind 127.0.0.1:${HTTP_PORT}
  default_backend answers

backend answers
  mode http
  server answer 127.0.0.1:${ANSWER_PORT}

frontend edge
  mode tcp
  bind 127.0.0.1:${EDGE_PORT} ssl crt ${CERTIFICATE_FILE}
  default_backend passed-on

backend passed-on
  mode tcp
  server answer 127.0.0.1:${ANSWER_PORT}
`;

/** 128 bytes: a short message with its envelope. */
export const ANSWERING = `${COMMON}
frontend answers
  mode http
  bind 127.0.0.1:${ANSWER_PORT}
  http-request return status 200 content-type text/plain string "${'x'.repeat(128)}"
`;
