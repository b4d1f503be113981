import { exitCodes } from '../../core/exit-code.ts'
import { countOf, groupDigits } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'

/** Which reindex it is, for people. */
export interface Named {
  readonly server: string
  /** The alias. */
  readonly name: string
  readonly source: string
  readonly copy: string
}

export function copyFailed({ server, name, source, copy }: Named, why: string, next?: string): ToolError {
  return new ToolError('STORE_COPY_FAILED', {
    what: `Index \`${source}\` of \`${name}\` was not reindexed.`,
    where: { server },
    why: `${why}.`,
    next:
      next ??
      `Correct the document or the declaration, then run the command again: it continues with ${copy}, or begins again where the declaration changed.`,
  })
}

export function notDeclared(named: Named, paths: string): ToolError {
  const why = `The new index ${named.copy} does not have the declared form: ${paths}`
  const next = `Let \`index_patterns\` of the index template match \`${named.copy}\`, then run the command again.`
  return copyFailed(named, why, next)
}

/** Patterns of another template match the name of a copy, and not that of its source. */
export function givenByTemplate(named: Named, what: string): ToolError {
  const why = `An index template whose patterns match ${named.copy} makes what no file declares: ${what}`
  return copyFailed(named, why, `Let no other index template match \`${named.copy}\`, then run the command again.`)
}

/** The disk is fuller than a new shard may find it, for example. */
export function cloneUnassigned(named: Named, clone: string, said: string | null): ToolError {
  const why = `No node takes the clone ${clone}, which keeps its documents${said === null ? '' : ` (${said})`}`
  const next = `Let a node take it: \`PUT _cluster/settings\` and \`PUT ${named.source}/_settings\` say where shards may be, and a new one needs a disk below its low watermark (\`GET _cat/allocation\`). Then run the command again: what was copied is kept.`
  return copyFailed(named, why, next)
}

export function cloneTooSlow(named: Named, clone: string, limit: string): ToolError {
  const why = `The clone ${clone} was not there within ${limit}, during which writes are refused: its node copies the files, as its file system does not share them`
  const next = `Let the node that has \`${named.source}\` keep all of its data on one file system that has hard links, or declare an index with another name and copy the documents by hand. The same run again would take as long. What was copied is kept.`
  return copyFailed(named, why, next)
}

export function tooMuch(named: Named, left: number, most: number): ToolError {
  const why = `${countOf(left, 'document')} were written during one pass, and at most ${groupDigits(most)} are copied while writes are refused`
  return copyFailed(named, why, 'Run the command again while less is written, or with a higher `--rate`: it continues.')
}

export function copyStopped({ server, source }: Named, task: string | null): ToolError {
  const fault = {
    what: `Stopped while ${source} is reindexed.`,
    where: { server },
    why: task === null ? 'What was copied is kept.' : `The server goes on copying: task ${task}.`,
    next: `Run the command again when ready: it continues${task === null ? '' : ' with that task'}.`,
  }
  return new ToolError('STOPPED', fault, { exitCode: exitCodes.interrupted })
}

/** The same error, which also says that the index still takes no writes. */
export function stillRefused(error: unknown, { server, source }: Named): ToolError {
  const how = `Writes to \`${source}\` are still refused. Run the command again: it continues; or send \`PUT ${source}/_settings\` with \`{"index.blocks.write": null}\` to allow them.`
  if (!(error instanceof ToolError)) {
    const fault = { what: `Index \`${source}\` was not reindexed.`, where: { server }, next: how }
    return new ToolError('STORE_COPY_FAILED', fault, { cause: error })
  }
  const [first, ...others] = error.faults
  const fault = { what: first?.what ?? error.message, ...first, next: how }
  return new ToolError(error.code, [fault, ...others], { exitCode: error.exitCode, cause: error.cause })
}
