import type { CommandDefinition } from '../../src/cli/support/command-definition.js';

export const CHECK_CHART: CommandDefinition<null> = {
  name: 'check:chart',
  summary:
    'Lints the Helm chart, renders it, and judges each manifest by the types and the schemas of the Kubernetes API.',
  examples: [''],
  notes: [
    'It needs Go 1.24 or later, which builds helm from tools/helm/go.mod into a cache; without Go it says so and checks nothing.',
    'The schemas come from the package kubernetes-validate of PyPI; without it, it says so and checks types only.',
    'Exit code: 0 the chart is sound or there is no Go, 1 it is not sound, 2 wrong arguments.',
  ],
  read: () => null,
};
