import { commandLineOf } from '../../tools/support/command-line-of.js';
import { SpawnedDriver } from './drivers/spawned-driver.js';
import { CLIENT_CONFORMANCE } from './options.js';
import { describeResult, describeScenario, describeVerdicts, summarize } from './report.js';
import { judgeRules, runScenarios, SCENARIOS } from './run-conformance.js';

const { command, only, list } = commandLineOf(CLIENT_CONFORMANCE);
const scenarios = SCENARIOS.filter(({ name }) => only === null || name.includes(only));

/** `npm run client:conformance` judges a client; see `--help`. */
if (list) console.log(scenarios.map(describeScenario).join('\n'));
else {
  const results = await runScenarios(
    (server) => SpawnedDriver.open(command, server),
    scenarios,
    (result) => console.log(describeResult(result)),
  );
  const verdicts = judgeRules(results);
  console.log(`\n${describeVerdicts(verdicts)}\n\n${summarize(verdicts)}`);
  process.exitCode = verdicts.some(({ verdict }) => verdict === 'broken') ? 1 : 0;
}
