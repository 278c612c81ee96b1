// Ask the public simulator about every line of a file in the contract's form: node run.mjs FOLDER < cases.jsonl
//
// FOLDER is where the simulator was installed; it is an outside program and nothing of it is in this repository.
// One answer line each: {"id","decision"}; SKIPPED where its form has no place for the line, ERROR where it gives up.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = resolve(process.argv[2])
const entry = createRequire(pathToFileURL(folder + '/').href).resolve('@cloud-copilot/iam-simulate')
const { runSimulation, anonymousPrincipal } = await import(pathToFileURL(entry).href)

const named = (policies, name) => policies.map((policy, n) => ({ name: `${name}${n}`, policy }))
const levels = (all, name) =>
  all.map((policies, n) => ({ orgIdentifier: `${name}${n}`, policies: named(policies, `${name}${n}-`) }))
const text = (value) => (Array.isArray(value) ? value.map(String) : String(value))

function simulation(line) {
  const request = line.request
  return {
    request: {
      principal: request.principal === 'anonymous' ? anonymousPrincipal : request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.resource_account },
      contextVariables: Object.fromEntries(Object.entries(request.context).map(([key, value]) => [key, text(value)])),
    },
    sessionPolicy: line.session_policies[0],
    identityPolicies: named(line.identity_policies, 'identity'),
    // It refuses these for an anonymous caller, whom they do not touch anyway.
    serviceControlPolicies: request.principal === 'anonymous' ? [] : levels(line.scps, 'scp'),
    resourceControlPolicies: levels(line.rcps, 'rcp'),
    resourcePolicy: line.resource_policy ?? undefined,
    permissionBoundaryPolicies: line.permission_boundary ? named([line.permission_boundary], 'boundary') : undefined,
    vpcEndpointPolicies: line.vpc_endpoint_policy ? named([line.vpc_endpoint_policy], 'endpoint') : undefined,
  }
}

const words = { Allowed: 'ALLOW', ExplicitlyDenied: 'EXPLICIT_DENY', ImplicitlyDenied: 'IMPLICIT_DENY' }

for await (const row of createInterface({ input: process.stdin })) {
  const line = JSON.parse(row)
  let decision = 'SKIPPED'
  if (line.session_policies.length <= 1) {
    try {
      const found = await runSimulation(simulation(line), { simulationMode: 'Strict' })
      const ignored = (found.result?.ignoredContextKeys ?? []).map((key) => key.toLowerCase())
      const policies = JSON.stringify({ ...line, request: null }).toLowerCase()
      const matter = ignored.filter((key) => policies.includes(key))
      if (found.resultType === 'error') decision = `ERROR ${JSON.stringify(found.errors).slice(0, 300)}`
      else if (matter.length) decision = 'SKIPPED a key that the action does not have'
      else decision = words[found.overallResult] ?? `ERROR ${found.overallResult}`
    } catch (problem) {
      decision = `ERROR ${String(problem.message).slice(0, 200)}`
    }
  }
  console.log(JSON.stringify({ id: line.id, decision }))
}
