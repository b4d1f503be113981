// What import() is in the bundles, where the build calls it by this name. V8 forgets how to import in code that it takes from
// bytecode (seen up to Node 20), so it happens here, in a file that Node loads as any other. As long as the word that it
// replaces, so that the source maps stay right.
globalThis.$mport = (specifier) => import(specifier)
