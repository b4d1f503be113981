import { expect, test } from 'vitest'
import { stores as registry } from '../../../src/stores/registry.ts'

test.each(Object.keys(registry) as (keyof typeof registry)[])(
  'the variables of the sandbox name files for %s, and hold no password or token',
  async (store) => {
    const sandbox = await (await registry[store]()).sandbox()
    const variables = sandbox.variables([1, 2, 3], { passwordFile: '/s/stores.password', tokenFile: '/s/stores.token' })
    const secrets = Object.entries(variables).filter(([name]) => /PASSWORD|TOKEN|SECRET/.test(name))
    expect(secrets.filter(([name, value]) => !name.endsWith('_FILE') || !value.startsWith('/s/'))).toEqual([])
    expect(Object.values(variables).filter((value) => /:\/\/[^/@]*:[^/@]*@/.test(value))).toEqual([])
  },
)
