/**
 * The yaml package as single modules, so that the bundle leaves out those that nothing uses. The build of the package
 * that Node resolves has the same code as one whole, and would add a twentieth to the script body.
 */
declare module '*/yaml/browser/dist/index.js' {
  export * from 'yaml';
}
