import { type Stage, tableMigration, withStages } from '../tool/stage.ts'

/** What the database of a project with tenants has besides its schemas. */
export interface Tenants {
  /** `databases.tenant_db.targets` */
  readonly targets: object
  readonly files?: Readonly<Record<string, string>>
  /** Added to the configuration. */
  readonly more?: object
  readonly url?: string
}

/** `t1`, `t2` and so on. */
export const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `t${index + 1}`)

/** The flags that choose the database with many targets. */
export const tenants = ['--target', 'tenant_db']

/** To be called at the top of a test file: opens projects with `control_db` and `tenant_db`, and schemas of these names beside them. */
export function withTenants(): (schemas: readonly string[], tenants: Tenants) => Promise<Stage> {
  const open = withStages()
  return async (schemas, { targets, files, more = {}, url }) => {
    const stage = await open({
      databases: ['control_db', 'tenant_db'],
      files: files ?? { 'tenant_db/0001_notes.sql': tableMigration('notes') },
      configuration: { databases: { control_db: {}, tenant_db: { targets } }, ...more },
      ...(url === undefined ? {} : { url }),
    })
    for (const schema of schemas) await stage.query(`CREATE DATABASE \`${stage.schema(schema)}\``)
    return stage
  }
}
