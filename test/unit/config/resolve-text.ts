import { resolve } from 'node:path'
import type { ConfigDocument } from '../../../src/config/document.ts'
import type { ConfigRequest } from '../../../src/config/request.ts'
import { type Resolution, resolveConfig } from '../../../src/config/resolve.ts'
import { positionsOf, toValue } from '../../../src/files/document.ts'
import { parseJson } from '../../../src/files/json-text.ts'

export interface Surroundings {
  readonly environmentName?: string
  readonly flags?: ConfigRequest['flags']
  readonly environment?: ConfigRequest['environment']
  readonly serversNeeded?: boolean
  readonly storesNeeded?: boolean
  /** Files by path below /project. */
  readonly files?: Readonly<Record<string, string>>
}

/** A document as it would be read from /project/wwdb.config.json. */
function documentOf(text: string): ConfigDocument {
  const json = parseJson(text)
  if (json.type !== 'tree') throw new Error(JSON.stringify(json))
  return {
    file: '/project/wwdb.config.json',
    shown: 'wwdb.config.json',
    folder: '/project',
    lines: text.split('\n'),
    value: toValue(json.node),
    positions: positionsOf(json.node),
  }
}

export interface ResolvedText extends Resolution {
  readonly entries: ReturnType<Resolution['describe']>
}

/** Resolves a configuration text, or none, without touching a disk; the working directory is /project/below. */
export function resolveText(text: string | null, around: Surroundings = {}): ResolvedText {
  const files = new Map(
    Object.entries(around.files ?? {}).map(([path, content]) => [resolve('/project', path), content]),
  )
  const request: ConfigRequest = {
    cwd: '/project/below',
    file: null,
    environmentName: around.environmentName ?? null,
    flags: around.flags ?? {},
    environment: around.environment ?? {},
    serversNeeded: around.serversNeeded ?? true,
    storesNeeded: around.storesNeeded ?? false,
  }
  const resolution = resolveConfig(request, text === null ? null : documentOf(text), (path) => {
    const content = files.get(path)
    return content === undefined ? { type: 'fault', why: 'does not exist' } : { type: 'text', text: content }
  })
  return { ...resolution, entries: resolution.describe() }
}

/** The sentences of all faults: what, why and next in one line each. */
export function sentences(resolution: Resolution): readonly string[] {
  return resolution.faults.map((fault) =>
    [fault.what, fault.why, fault.next].filter((text) => text !== undefined).join(' '),
  )
}
