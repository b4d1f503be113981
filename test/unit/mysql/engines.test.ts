import { describe, expect, it } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { refuseGalera, refuseOtherEngines } from '../../../src/mysql/server-facts.ts'

const target = { database: 'app', schema: 'app', server: 'db:3306' }

function refuse(version: string, comment: string): unknown {
  try {
    return refuseOtherEngines(version, comment, target)
  } catch (error) {
    return error
  }
}

describe('engines other than MySQL', () => {
  it.each([
    ['8.4.6-Vitess', 'Version: 23.0.0 (Git revision a1 branch main) built on 2026-01-01', 'Vitess', /IS_USED_LOCK/],
    [
      // What vtgate 24.0.4 answered.
      '8.4.6-Vitess',
      "Version: 24.0.4 (Git revision  branch '') built on  by @ using go1.26.8 linux/amd64",
      'Vitess',
      /IS_USED_LOCK/,
    ],
    [
      // What vtgate 24.0.4 answered to a query with LIMIT: the version is that of a tablet.
      '9.7.4-2',
      "Version: 24.0.4 (Git revision 1a2b branch 'main') built on Mon Nov 30 2026 by a@b using go1.26.8 linux/amd64",
      'Vitess',
      /IS_USED_LOCK/,
    ],
    ['8.0.30', 'vtgate', 'Vitess', /CONNECTION_ID/],
    ['8.0.11-TiDB-v8.5.0', 'TiDB Server (Apache License 2.0) Community Edition', 'TiDB', /IS_USED_LOCK/],
    ['5.7.25-TiDB-v6.1.0', 'MySQL Community Server (Apache License 2.0)', 'TiDB', /queues DDL/],
    ['5.7.25-OceanBase_CE-v4.2.1.0', 'OceanBase_CE 4.2.1.0 (r1)', 'OceanBase', /GET_LOCK/],
    ['8.0.25', 'OceanBase 4.3.5.0', 'OceanBase', /GET_LOCK/],
    ['11.8.3-MariaDB-deb13', 'Debian', 'MariaDB', /atomic DDL/],
    ['5.5.5-10.6.18-MariaDB', 'mariadb.org binary distribution', 'MariaDB', /atomic DDL/],
  ])('%s, %s is %s', (version, comment, name, lacks) => {
    const error = refuse(version, comment)
    expect(error).toBeInstanceOf(ToolError)
    expect(error).toMatchObject({
      code: 'SERVER_UNSUPPORTED',
      exitCode: 2,
      faults: [
        { what: `The server at db:3306 is ${name} (${version}), not MySQL.`, why: expect.stringMatching(lacks) },
      ],
    })
  })

  it.each([
    ['9.7.4', 'MySQL Community Server - GPL'],
    ['8.0.12', 'MySQL Community Server - GPL'],
    ['8.0.36-28', 'Percona Server (GPL), Release 28, Revision 1'],
    ['8.0.39', 'Source distribution'],
    ['8.0.mysql_aurora.3.08.0', 'MySQL Community Server (GPL)'],
    ['8.4.6-cluster', 'MySQL Cluster Community Server - GPL'],
  ])('%s, %s is MySQL', (version, comment) => {
    expect(refuse(version, comment)).toBeUndefined()
  })
})

describe('a node of a Galera cluster', () => {
  const judge = (provider: string | null): unknown => {
    try {
      refuseGalera(new Map(provider === null ? [] : [['wsrep_provider', provider]]), '8.0.36-28.1', target)
      return 'MySQL'
    } catch (error) {
      return error
    }
  }

  it.each(['/usr/lib64/galera4/libgalera_smm.so', '/usr/lib/libgalera_smm.so'])('with %s is refused', (provider) => {
    expect(judge(provider)).toMatchObject({
      code: 'SERVER_UNSUPPORTED',
      exitCode: 2,
      faults: [{ what: 'The server at db:3306 is a node of a Galera cluster (8.0.36-28.1).' }],
    })
  })

  it.each([null, 'none', ''])('is MySQL where its provider is %s', (provider) => {
    expect(judge(provider)).toBe('MySQL')
  })
})
