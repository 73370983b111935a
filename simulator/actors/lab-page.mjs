// The demo's lab: a page that shows whose lab this is, the names in its environment and its size. Never a value.
import { createServer } from 'node:http';

const environment = process.env;
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (each) => escapes[each]);

/** The owner as the Hub or the namespace names it. */
const user = environment.JUPYTERHUB_USER ?? environment.USER_NAME ?? environment.SIMULATOR_USER ?? 'somebody';
const size =
  environment.CONTAINER_SIZE ?? `${environment.CPU_LIMIT ?? '?'} CPU, ${environment.MEM_LIMIT ?? '?'} bytes`;
const image = environment.IMAGE_DESCRIPTION ?? environment.JUPYTER_IMAGE ?? 'an image without a name';
const hidden = new Set(['PATH', 'PORT', 'SIMULATOR_USER']);
const names = Object.keys(environment)
  .filter((name) => !hidden.has(name))
  .sort();

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lab of ${escape(user)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1.05rem/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 44rem; padding: 0 1rem; }
dt { font-weight: 600; } dd { margin: 0 0 .75rem; }
ul { columns: 16rem; padding-left: 1.2rem; } li { overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<h1>Lab of ${escape(user)}</h1>
<p>This process stands in for JupyterLab. It was started by a simulated kubelet and ends with its pod.</p>
<dl>
<dt>Size</dt><dd>${escape(size)}</dd>
<dt>Image</dt><dd>${escape(image)}</dd>
</dl>
<h2>Names in its environment (${names.length})</h2>
<p>Values are not shown: some are secret.</p>
<ul>
${names.map((name) => `<li><code>${escape(name)}</code></li>`).join('\n')}
</ul>
</main>
</body>
</html>
`;

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
};

const server = createServer((request, response) => {
  const known = request.method === 'GET' || request.method === 'HEAD';
  response.writeHead(known ? 200 : 405, headers);
  response.end(known && request.method === 'GET' ? page : '');
});

server.listen(Number(environment.PORT ?? 8888), '127.0.0.1', () => {
  console.log(`lab of ${user} listens on ${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
