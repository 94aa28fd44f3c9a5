const server = require('http').createServer((q, s) => s.end('hello\n')).listen(8080)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => server.close(() => process.exit(0)))
