/** The yaml package as single modules, so that the bundle omits unused ones: a twentieth of a script body. */
declare module '*/yaml/browser/dist/index.js' {
  export * from 'yaml';
}
