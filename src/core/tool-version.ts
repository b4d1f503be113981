import manifest from '../../package.json' with { type: 'json' }

/** The version of this tool, from package.json; the bundle carries it. */
export const toolVersion: string = manifest.version
