// Taken along by `node --import`: ends the process when whoever started it is gone, even killed, which lets nobody do it.
// Whoever that is holds the other end of our standard input, and writes nothing.
process.stdin.once('end', () => process.exit()).resume();
// As long as there is nothing else to do, this is nothing to stay for.
process.stdin.unref?.();
