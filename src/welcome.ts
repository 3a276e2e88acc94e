import jwt from 'jsonwebtoken';
import { DASHBOARD_PATH } from './api/http/dashboard/serve-dashboard.js';
import type { Configuration } from './config/configuration.js';

/**
 * Returns the first steps for a newcomer: addresses, a token, and three requests to paste. Development
 * only.
 *
 * @param hasPage false where the page is switched off or not built
 */
export function welcome(
  { jwt: { secret, expiresIn, adminRoles } }: Configuration,
  port: number,
  hasPage: boolean,
): string {
  const base = `http://127.0.0.1:${port}`;
  const token = jwt.sign({ userId: '42', roles: adminRoles }, secret, {
    algorithm: 'HS256',
    expiresIn: expiresIn as jwt.SignOptions['expiresIn'] & string,
  });
  // Browsers keep a fragment to themselves, so the token reaches no log.
  const page = hasPage ? `  Dashboard  ${base}${DASHBOARD_PATH}#token=${token}\n` : '';
  return `
${page}  API docs   ${base}/api/docs
  Readiness  ${base}/health/ready

  Still without figures? npm run demo shows the page with 90 days of invented history.

  A token for user 42, valid ${expiresIn}, and three requests to try:

export TOKEN=${token}

curl -s ${base}/analytics/events -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"events":[{"eventName":"app_session_start","installId":"my-first-install","clientTs":'$(date +%s)',"properties":{"os":"iOS","province":"广东省","city":"深圳市"}}]}'

curl -s ${base}/presence/heartbeat -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"installId":"my-first-install","appVersion":"1.0.0","clientTs":'$(date +%s)'}'

curl -s "${base}/analytics/dau?startDate=$(TZ=Asia/Shanghai date +%F)&endDate=$(TZ=Asia/Shanghai date +%F)" -H "Authorization: Bearer $TOKEN"

`;
}
