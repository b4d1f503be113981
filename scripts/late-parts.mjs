// What the bundles do without until it is needed: each of these costs every start, and few starts need one of them.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Parts of Node that take milliseconds to load, and what they bring with them; mysql2 and commander ask for them whatever the run. */
const builtins = new Set(['child_process', 'fs/promises', 'readline/promises', 'tls', 'v8', 'worker_threads'])

const marker = '\0late:'

/** A part of Node is loaded when something of it is first used, not where it is named. */
export const lateBuiltins = {
  name: 'late-builtins',
  resolveId: (name, importer, { kind }) => {
    const plain = name.replace(/^node:/, '')
    // What is imported late already may stay as it is.
    if (kind === 'dynamic-import') return null
    return builtins.has(plain) && !importer?.startsWith(marker) ? `${marker}${plain}` : null
  },
  load: (id) => {
    if (!id.startsWith(marker)) return null
    const name = `node:${id.slice(marker.length)}`
    const members = Object.keys(require(name)).filter((key) => /^[A-Za-z_$][\w$]*$/.test(key))
    const getters = members.map((key) => `get ${key}() { return whole().${key} }`)
    return `const whole = () => require('${name}')\nmodule.exports = { ${getters.join(', ')} }\n`
  },
}

/**
 * The registry of commands as JSON: V8 makes a thousand small objects from a text in a tenth of the work that it takes to make them from code, and
 * keeps no code for them.
 */
export const registryAsJson = {
  name: 'registry-as-json',
  transform: (code, id) => {
    if (!id.endsWith('/src/cli/registry.generated.ts')) return null
    const [, list] = code.match(/= (\[\n[\s\S]*\n\])\s*$/) ?? []
    if (list === undefined) throw new Error('registry.generated.ts does not end with a list')
    const entries = JSON.parse(list.replace(/,\s*\]$/, ']'))
    return { code: `export const commandEntries = JSON.parse(${JSON.stringify(JSON.stringify(entries))})\n`, map: null }
  },
}
