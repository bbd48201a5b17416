/** The yaml package as single modules, so that the bundle leaves out those that nothing uses: a twentieth of a body. */
declare module '*/yaml/browser/dist/index.js' {
  export * from 'yaml';
}
