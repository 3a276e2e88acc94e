import { DASHBOARD_PATH } from '../../src/api/http/dashboard/serve-dashboard.js';

/** Returns where to look, with a token that opens the figures of this demo alone. */
export function describeDemo(port: number, token: string, firstDay: string, lastDay: string): string {
  const base = `http://127.0.0.1:${port}`;
  return `
  Dashboard  ${base}${DASHBOARD_PATH}#token=${token}
  API docs   ${base}/api/docs
  Metrics    ${base}/metrics

  A token for this demo, and figures to look at (Ctrl-C stops the demo, the next one goes on from there):

export TOKEN=${token}

curl -sN ${base}/live -H "Authorization: Bearer $TOKEN"
curl -s ${base}/presence/online-count -H "Authorization: Bearer $TOKEN"
curl -s "${base}/analytics/dau?startDate=${firstDay}&endDate=${lastDay}" -H "Authorization: Bearer $TOKEN"

`;
}
