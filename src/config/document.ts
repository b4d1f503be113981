import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { stderr } from 'node:process'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type Excerpt, type Fault, type Location, ToolError } from '../core/tool-error.ts'
import { type Position, positionsOf, toValue } from '../files/document.ts'
import { parseJson } from '../files/json-text.ts'
import type { Origin } from './layer.ts'
import type { ReadText } from './server.ts'

/** A configuration file that was read but not yet checked. */
export interface ConfigDocument {
  /** Absolute. */
  readonly file: string
  /** As a person would type it. */
  readonly shown: string
  /** Absolute: what the file's relative paths start from. */
  readonly folder: string
  readonly value: unknown
  /** The position of each key; empty for a module. */
  readonly positions: ReadonlyMap<string, Position>
  readonly lines: readonly string[]
}

/** The origin of the values under a path of a document: '' for the whole, `environments.production` for an environment. */
export function documentOrigin(document: ConfigDocument, base: string): Origin {
  const name = (path: string): string => (base === '' ? path : `${base}.${path}`)
  return {
    source: 'file',
    name,
    folder: document.folder,
    locate: (path) => {
      const position = document.positions.get(name(path))
      if (position === undefined) return { where: { file: document.shown } }
      const excerpt = keyExcerpt(document.lines[position.line - 1] ?? '', position)
      const where: Location = { file: document.shown, ...position }
      return excerpt === null ? { where } : { where, excerpt }
    },
  }
}

/** The start of a key's line, up to the key: what follows may be a secret, so it is never shown. */
function keyExcerpt(line: string, position: Position): Excerpt | null {
  const match = /^[\s{]*"(?:[^"\\]|\\.)*"/.exec(line)
  if (match === null || match[0].length < position.column) return null
  return { text: match[0], ...position }
}

/** The start of a line up to and including the place of a JSON error; null where the line may contain a secret. */
function syntaxExcerpt(line: string, position: Position): Excerpt | null {
  const text = line.slice(0, position.column)
  return /passw|pasw|pwd|secret|token|:\/\//i.test(text) ? null : { text, ...position }
}

const fileNames = ['wwdb.config.json', 'wwdb.config.mjs']

/** Far more than any configuration; prevents a mistyped --config from reading a dump into memory. */
const largestFile = 1024 * 1024

/**
 * Looks for the configuration in a folder and its parents, up to the root or the first folder with a `.git`.
 * @throws ToolError `CONFIG_INVALID` where a folder has both forms
 */
export function findConfigFile(folder: string): string | null {
  const found = fileNames.map((name) => join(folder, name)).filter(exists)
  if (found.length > 1) {
    throw invalid({
      what: `\`${folder}\` has both \`${fileNames.join('` and `')}\`.`,
      next: 'Remove one, or choose one with `--config`.',
    })
  }
  const parent = dirname(folder)
  if (found[0] !== undefined) return found[0]
  return parent === folder || exists(join(folder, '.git')) ? null : findConfigFile(parent)
}

/**
 * Reads a configuration file: strict JSON, or a module whose default export is an object or a function that takes the
 * environment's name (or null) and returns one.
 * @throws ToolError `CONFIG_INVALID` where it cannot be read
 */
export async function readDocument(path: string, cwd: string, environment: string | null): Promise<ConfigDocument> {
  const file = resolve(cwd, path)
  const shown = showPath(file, cwd)
  if (/\.m?js$/.test(file)) return readModule(file, shown, environment)
  if (!file.endsWith('.json')) {
    throw invalid({
      what: `${shown} is not a configuration file.`,
      next: 'Give a file that ends in `.json`, `.mjs` or `.js`.',
    })
  }
  const outcome = readTextFile(file)
  if (outcome.type === 'fault') throw unreadable(shown, outcome.why)
  const lines = outcome.text.split(/\r?\n/)
  const json = parseJson(outcome.text)
  if (json.type === 'tree')
    return { file, shown, folder: dirname(file), lines, value: toValue(json.node), positions: positionsOf(json.node) }
  const [{ why, next, position }] = json.faults
  const { line, column } = position
  const excerpt = syntaxExcerpt(lines[line - 1] ?? '', position)
  throw invalid({
    what: `${shown} is not valid JSON at ${line}:${column}: ${why}.`,
    where: { file: shown, line, column },
    ...(next === undefined ? {} : { next }),
    ...(excerpt === null ? {} : { excerpt }),
  })
}

/** Reads a small UTF-8 file, without its byte order mark. */
export const readTextFile: ReadText = (path) => {
  try {
    const facts = statSync(path)
    if (!facts.isFile()) return { type: 'fault', why: 'is not a file' }
    if (facts.size > largestFile) return { type: 'fault', why: 'is larger than 1 MiB' }
    return { type: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) }
  } catch (error) {
    return { type: 'fault', why: explainFileError(error) }
  }
}

function explainFileError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    ENOTDIR: 'does not exist',
    EACCES: 'cannot be read: permission denied',
    ELOOP: 'is a symbolic link that leads to itself',
    ENAMETOOLONG: 'has a name that is too long',
    ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8',
  }
  return known[String(code)] ?? `cannot be read: ${error instanceof Error ? error.message : String(error)}`
}

async function readModule(file: string, shown: string, environment: string | null): Promise<ConfigDocument> {
  if (!exists(file)) throw unreadable(shown, 'does not exist')
  const value = await loadModule(file, shown, environment)
  return { file, shown, folder: dirname(file), value, positions: new Map(), lines: [] }
}

async function loadModule(file: string, shown: string, environment: string | null): Promise<unknown> {
  try {
    return await evaluateModule(file, environment)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw invalid({ what: `The configuration ${shown} cannot be loaded.`, where: { file: shown }, why }, error)
  }
}

/**
 * In its own thread: code that exits, hangs or leaves a rejected promise does not affect the tool. (The space after the word keeps the build
 * from treating it as its own import.)
 */
const evaluation = `
  const { parentPort, workerData } = require('node:worker_threads')
  const mark = (value) => {
    if (typeof value === 'function') return workerData.functionMark
    if (Array.isArray(value)) return value.map(mark)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mark(item)]))
  }
  import (workerData.url).then(async ({ default: exported }) => {
    const value = typeof exported === 'function' ? await exported(workerData.environment) : exported
    try {
      parentPort.postMessage(value)
    } catch {
      parentPort.postMessage(mark(value))
    }
  })
`

/** Functions cannot be sent. The schema, which knows the position, reports that there was one. */
const functionMark = '\u0000function'

function unmark(value: unknown): unknown {
  if (value === functionMark) return () => undefined
  if (Array.isArray(value)) return value.map(unmark)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unmark(item)]))
}

function evaluateModule(file: string, environment: string | null): Promise<unknown> {
  const workerData = { url: pathToFileURL(file).href, environment, functionMark }
  const worker = new Worker(evaluation, { eval: true, workerData, stdout: true })
  // stdout is the answer of the command, so the code's output must not be part of it.
  worker.stdout.pipe(stderr)
  const value = new Promise<unknown>((resolve, reject) => {
    worker.once('message', (sent) => resolve(unmark(sent)))
    worker.once('error', reject)
    const why = 'it ended without a value: it called process.exit(), or awaited something that never happens'
    worker.once('exit', () => reject(new Error(why)))
  })
  return value.finally(() => worker.terminate())
}

/** The file relative to the working directory where it lies inside, else absolute. */
function showPath(file: string, cwd: string): string {
  const path = relative(cwd, file)
  return path.startsWith('../../..') || isAbsolute(path) ? file : path.replaceAll('\\', '/')
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function unreadable(shown: string, why: string): ToolError {
  const next = 'Give another file with `--config`, or create one with `wwdb init`.'
  return invalid({ what: `The configuration ${shown} ${why}.`, where: { file: shown }, next })
}

function invalid(fault: Fault, cause?: unknown): ToolError {
  return new ToolError('CONFIG_INVALID', fault, { cause })
}
