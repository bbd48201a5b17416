/**
 * Replaces `debug`, and prints nothing. With `debug`, https-proxy-agent would print proxy addresses,
 * passwords included, to stderr if the worker's `DEBUG` names it. `debug` is also half of what proxy support
 * adds to a script body.
 */
module.exports = () => () => undefined;
