import manifest from '../../package.json' with { type: 'json' }

/** The version of this tool, from package.json, which the bundle includes. */
export const toolVersion: string = manifest.version
