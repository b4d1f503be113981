import type { InfluxDeclaration } from './declaration.ts'

/** The declaration as one environment has it: every name carries the prefix, those of the organisation and of the tokens' files, too. */
export function withPrefix(declaration: InfluxDeclaration, prefix: string): InfluxDeclaration {
  const named = (name: string): string => `${prefix}${name}`
  const { organization, buckets, downsamplings, tokens, mappings } = declaration
  return {
    organization: { ...organization, name: named(organization.name) },
    buckets: buckets.map((bucket) => ({ ...bucket, name: named(bucket.name) })),
    downsamplings: downsamplings.map((task) => ({
      ...task,
      name: named(task.name),
      from: named(task.from),
      to: named(task.to),
    })),
    tokens: tokens.map((token) => ({
      ...token,
      name: named(token.name),
      read: token.read.map(named),
      write: token.write.map(named),
      file: token.file.replace(/[^/\\]+$/, named),
    })),
    mappings: mappings.map((mapping) => ({
      ...mapping,
      database: named(mapping.database),
      bucket: named(mapping.bucket),
    })),
  }
}
