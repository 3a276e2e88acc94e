import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { ALERTS } from '../../../tools/prometheus/rules-file.js';
import { readComposeFile } from './compose-file.js';
import { readProjectFile } from './deployment-files.js';

interface PrometheusFile {
  readonly rule_files: readonly string[];
  readonly alerting: { readonly alertmanagers: readonly Targets[] };
  readonly scrape_configs: readonly ({
    readonly job_name: string;
    readonly honor_labels?: boolean;
  } & Targets)[];
}
interface Targets {
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}
interface AlertmanagerFile {
  readonly route: { readonly receiver: string; readonly routes: readonly Route[] };
  readonly receivers: readonly { readonly name: string }[];
  readonly inhibit_rules: readonly { readonly source_matchers: readonly string[] }[];
}
interface Route {
  readonly receiver: string;
  readonly matchers: readonly string[];
}

const { services } = readComposeFile();
const PROFILE = ['prometheus', 'alertmanager', 'grafana'] as const;

function readYaml(path: string): unknown {
  return load(readProjectFile(path));
}

/** Returns where a file or directory of the project is in a container. */
function mountOf(name: (typeof PROFILE)[number], source: string): string | undefined {
  const mounts = (services[name].volumes ?? []).map((mount) => mount.split(':'));
  return mounts.find(([from]) => from === `./${source}`)?.[1];
}

describe('the profile "observability" of docker-compose.yml', () => {
  const prometheus = readYaml('deploy/prometheus/prometheus.yaml') as PrometheusFile;
  const targets = (from: readonly Targets[]): string[] =>
    from.flatMap((each) => each.static_configs.flatMap((group) => group.targets));

  it('has what watches the service, and the rest of the file has no profile', () => {
    const withProfile = Object.entries(services).filter(([, { profiles }]) => profiles !== undefined);
    const names = (profile: string) =>
      withProfile.filter(([, { profiles }]) => profiles?.[0] === profile).map(([name]) => name);
    expect({ observability: names('observability'), demo: names('demo') }).toEqual({
      observability: PROFILE,
      demo: ['demo'],
    });
    expect(withProfile).toHaveLength(PROFILE.length + 1);
  });

  it('runs without capabilities and without a password', () => {
    for (const name of PROFILE) {
      expect(services[name]).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(JSON.stringify(services[name])).not.toMatch(/password/i);
    }
  });

  it('scrapes the service with the labels of its job metrics', () => {
    const scrape = prometheus.scrape_configs.find(({ job_name: name }) => name === 'analytics-presence');
    const port = services.service.ports?.[0]?.split(':').at(-1);
    expect(targets([scrape!])).toEqual([`service:${port}`]);
    expect(scrape?.honor_labels).toBe(true);
  });

  it('mounts each file where its program looks for it', () => {
    expect(prometheus.rule_files).toEqual([mountOf('prometheus', 'deploy/prometheus/rules.yaml')]);
    const config = (path: string | undefined): string => `--config.file=${path}`;
    expect(services.prometheus.command).toContain(
      config(mountOf('prometheus', 'deploy/prometheus/prometheus.yaml')),
    );
    expect(services.alertmanager.command).toContain(
      config(mountOf('alertmanager', 'deploy/alertmanager/alertmanager.yaml')),
    );
    expect(mountOf('grafana', 'deploy/grafana-provisioning')).toBe('/etc/grafana/provisioning');
    const { providers } = readYaml('deploy/grafana-provisioning/dashboards/files.yaml') as {
      providers: readonly { options: { path: string } }[];
    };
    expect(providers.map(({ options }) => options.path)).toEqual([mountOf('grafana', 'deploy/grafana')]);
  });

  it('connects Prometheus, Alertmanager and Grafana by the names of their containers', () => {
    expect(targets(prometheus.alerting.alertmanagers)).toEqual(['alertmanager:9093']);
    const { datasources } = readYaml('deploy/grafana-provisioning/datasources/prometheus.yaml') as {
      datasources: readonly { type: string; url: string }[];
    };
    expect(datasources.map(({ type, url }) => ({ type, url }))).toEqual([
      { type: 'prometheus', url: 'http://prometheus:9090' },
      { type: 'alertmanager', url: 'http://alertmanager:9093' },
    ]);
  });

  it('routes every severity to a receiver that exists, and suppresses by an alert that exists', () => {
    const {
      route,
      receivers,
      inhibit_rules: inhibitions,
    } = readYaml('deploy/alertmanager/alertmanager.yaml') as AlertmanagerFile;
    const names = receivers.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([route.receiver, ...route.routes.map((r) => r.receiver)]));
    const routed = route.routes.flatMap(({ matchers }) => matchers);
    expect(routed).toContain('severity="page"');
    expect(new Set(ALERTS.map(({ severity }) => severity))).toEqual(new Set(['page', route.receiver]));
    for (const { source_matchers: matchers } of inhibitions)
      expect(ALERTS.map(({ name }) => `alertname="${name}"`)).toEqual(expect.arrayContaining([...matchers]));
  });
});
