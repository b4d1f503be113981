import { afterAll, describe, expect, it } from 'vitest'
import { emptyDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { type ImportProject, openImportProject, takeOwnDeclarations } from '../../helpers/stores/import-project.ts'

const own = { WWDB_ES_REPLICAS: '0' }
const projects: ImportProject[] = []

afterAll(() => {
  for (const project of projects) project.close()
})

describe.runIf(isAvailable('elasticsearch'))('an import of an Elasticsearch', () => {
  const stage = withElasticsearch()

  function openProject(prefix = ''): ImportProject {
    const project = openImportProject('elasticsearch', { url: stage().url }, { ...own, WWDB_PREFIX: prefix })
    projects.push(project)
    return project
  }

  it('declares what somebody made by hand, names the rest, and leaves a plan nothing to change', async () => {
    const { request, prefix } = stage()
    const named = (name: string): string => `${prefix}${name}`
    await request('PUT', `/_ilm/policy/${named('constructor')}`, {
      policy: {
        phases: {
          hot: { actions: { rollover: { max_age: '1d' } } },
          delete: { min_age: '9d', actions: { delete: {} } },
        },
      },
    })
    await request('PUT', `/_component_template/${named('a.b')}`, {
      template: {
        settings: { index: { number_of_replicas: 0 } },
        mappings: { properties: { 名: { type: 'keyword' } } },
      },
      _meta: { description: `\${HOME} is no variable` },
    })
    const template = {
      index_patterns: [`${named('streams')}*`],
      priority: 7,
      composed_of: [named('a.b')],
      data_stream: {},
    }
    await request('PUT', `/_index_template/${named('streams')}`, {
      ...template,
      template: { settings: { 'index.lifecycle.name': named('constructor') } },
    })
    await request('PUT', `/_data_stream/${named('streams-one')}`)
    await request('PUT', `/_data_stream/${named('streams-two')}`)
    await request('PUT', `/_index_template/${named('people')}`, {
      index_patterns: [`${named('people')}-*`],
      priority: 9,
    })
    await request('PUT', `/${named('people')}-000004`, { aliases: { [named('people')]: { is_write_index: true } } })
    await request('PUT', `/_index_template/${named('aliased')}`, {
      index_patterns: [named('aliased-x')],
      template: { aliases: { [named('other')]: {} } },
    })
    await request('PUT', `/_index_template/${named('waiting')}`, { ...template, index_patterns: [named('waiting')] })
    await request('PUT', `/_component_template/${named('名')}`, { template: {} })
    await request('PUT', `/${named('alone')}`, {
      settings: {
        number_of_replicas: 0,
        analysis: { analyzer: { plain: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } } },
      },
      mappings: { properties: { title: { type: 'text', analyzer: 'plain' } } },
      aliases: {
        [named('Alone')]: { filter: { term: { title: `\${HOME}` } }, routing: '1', search_routing: '1,2' },
        [named('mixed')]: {},
      },
    })
    await request('POST', '/_aliases', {
      actions: [{ add: { index: `${named('people')}-000004`, alias: named('mixed') } }],
    })
    await request('PUT', `/_ingest/pipeline/${named('Words')}`, {
      processors: [],
      description: `of \${HOME}`,
      version: 3,
    })
    const project = openProject()
    const { exitCode, answer } = await project.importAll('--only', `${prefix}*`)
    expect(exitCode).toBe(1)
    expect(answer.declared.map(({ kind, name }) => `${kind} ${name.replace(prefix, '')}`).toSorted()).toEqual([
      'alias Alone',
      'component template a.b',
      'index alone',
      'index template people',
      'index template streams',
      'ingest pipeline Words',
      'lifecycle policy constructor',
    ])
    expect(
      answer.notDeclarable.map(({ resource: { kind, name } }) => `${kind} ${name.replace(prefix, '')}`).toSorted(),
    ).toEqual(['alias mixed', 'component template 名', 'index template aliased', 'index template waiting'])
    expect(project.files()).toEqual(['indices.yaml', 'pipelines.yaml', 'policies.yaml', 'templates.yaml'])
    expect(await project.changes()).toEqual([])
    expect((await project.setup('apply')).stdout).toContain('nothing to do')
  })

  it('declares what the repository does: each plans nothing on what the other has made', async () => {
    await stage().session(emptyDeclaration).clear()
    const { prefix } = stage()
    const repository = openProject(prefix)
    takeOwnDeclarations(repository, 'elasticsearch')
    expect(await repository.setup('apply')).toMatchObject({ exitCode: 0 })
    const imported = openProject()
    const { exitCode, answer } = await imported.importAll('--only', `${prefix}*`)
    expect({ exitCode, left: answer.notDeclarable }).toEqual({ exitCode: 0, left: [] })
    expect(await imported.changes()).toEqual([])
    await stage().session(emptyDeclaration).clear()
    const copy = openProject(prefix)
    for (const file of imported.files()) {
      const name = `migrations/elasticsearch/${file}`
      copy.write(name, imported.read(name).replaceAll(prefix, ''))
    }
    expect(await copy.setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await repository.changes()).toEqual([])
  })
})
