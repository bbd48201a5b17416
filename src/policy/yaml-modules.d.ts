/**
 * The yaml package as single modules: the bundle leaves out those that nothing uses. What the package offers Node is
 * the same code as one whole, and would cost a twentieth of what a script body carries.
 */
declare module '*/yaml/browser/dist/index.js' {
  export * from 'yaml';
}
