import { SECRET_VARIABLES, SECTIONS, VARIABLES } from '../../src/config/variables/catalogue.js';
import type { Localized } from '../../src/config/variables/value-types.js';
import type { Section, Variable } from '../../src/config/variables/variable.js';
import { foreignSections } from './foreign-variables.js';
import { code, table } from './markdown.js';

type Language = keyof Localized;

interface PageTexts {
  readonly head: string;
  readonly columns: { readonly [Column in 'variable' | 'accepts' | 'default' | 'description']: string };
  readonly unset: (meaning: string) => string;
  readonly requiredInProduction: string;
  readonly byStage: (value: string, productionValue: string) => string;
}

const requiredInProduction = Object.entries(VARIABLES)
  .filter(([, variable]) => variable.isRequiredInProduction)
  .map(([name]) => code(name));

const secretVariables = [...SECRET_VARIABLES].map(code);

const TEXTS: Readonly<Record<Language, PageTexts>> = {
  en: {
    head: `# Configuration

[中文](zh-CN/configuration.md)

The service reads environment variables. It needs none to start on a laptop.

- **Files.** \`.env.<NODE_ENV>\`, such as \`.env.production\`, and \`.env\` in the working directory add variables. The
  environment wins over \`.env.<NODE_ENV>\`, and that file wins over \`.env\`.
- **First file.** \`cp .env.example .env\` makes one that explains every variable and changes nothing.
- **Checks.** All variables are checked at the start. A wrong value stops it, and every problem is listed at once.
- **Empty values** count as unset. Spaces around a value are removed.
- **Secrets** may be files: \`NAME_FILE\` names the file that holds the value of \`NAME\`, one line. Both at once are refused, and so
  is a file that cannot be read. An empty file counts as unset. A file is read at the start only. It works for
  ${secretVariables.join(', ')}.
- **Production** (\`NODE_ENV=production\`) embeds nothing and requires ${requiredInProduction.join(', ')}.
- **Prisma Studio** (\`npx prisma studio\`) connects to \`DATABASE_URL\`, or to the embedded server while it runs.`,
    columns: { variable: 'Variable', accepts: 'Value', default: 'Default', description: 'Description' },
    unset: (meaning) => `unset: ${meaning}`,
    requiredInProduction: '; required in production',
    byStage: (value, productionValue) => `${value}, in production ${productionValue}`,
  },
  zh: {
    head: `# 配置

[English](../configuration.md)

服务从环境变量读取配置。在个人电脑上启动不需要设置任何变量。

- **文件。** 工作目录中的 \`.env.<NODE_ENV>\`（例如 \`.env.production\`）与 \`.env\` 可以补充变量。环境变量优先于
  \`.env.<NODE_ENV>\`，后者优先于 \`.env\`。
- **第一个文件。** \`cp .env.example .env\` 生成的文件说明了每个变量，且不改变任何默认行为。
- **检查。** 启动时检查所有变量。值不正确则停止启动，并一次列出所有问题。
- **空值**视为未设置。值两端的空格会被去掉。
- **密钥**可以放在文件中：\`NAME_FILE\` 指明存放 \`NAME\` 之值的文件，内容为一行。两者同时设置或文件无法读取时，拒绝启动。
  空文件视为未设置。文件只在启动时读取。适用于 ${secretVariables.join('、')}。
- **生产环境**（\`NODE_ENV=production\`）不启动任何内嵌服务，必须设置 ${requiredInProduction.join('、')}。
- **Prisma Studio**（\`npx prisma studio\`）连接 \`DATABASE_URL\`；未设置时，连接正在运行的内嵌 PostgreSQL。`,
    columns: { variable: '变量', accepts: '取值', default: '默认值', description: '说明' },
    unset: (meaning) => `未设置：${meaning}`,
    requiredInProduction: '；生产环境必须设置',
    byStage: (value, productionValue) => `${value}，生产环境为 ${productionValue}`,
  },
};

/** Returns the page that lists every variable, one table a section. */
export function configurationPage(language: Language): string {
  const { head, columns } = TEXTS[language];
  const own = SECTIONS.map(({ title, variables }: Section) => [
    `## ${title[language]}`,
    table(
      [columns.variable, columns.accepts, columns.default, columns.description],
      Object.entries(variables).map(([name, variable]) => [
        code(name),
        variable.type.accepts[language],
        defaultOf(variable, language),
        variable.description[language],
      ]),
    ),
  ]);
  const foreign = foreignSections().map(({ title, introduction, variables }) => [
    `## ${title[language]}`,
    ...(introduction === null ? [] : [introduction[language]]),
    ...(variables.length === 0
      ? []
      : [
          table(
            [columns.variable, columns.description],
            variables.map(({ name, description }) => [code(name), description[language]]),
          ),
        ]),
  ]);
  return [head, ...own.flat(), ...foreign.flat()].join('\n\n');
}

function defaultOf(variable: Variable<unknown>, language: Language): string {
  const texts = TEXTS[language];
  const { unset, isRequiredInProduction } = variable;
  if (unset !== null) {
    return texts.unset(unset[language]) + (isRequiredInProduction ? texts.requiredInProduction : '');
  }
  const [value, productionValue] = [variable.default, variable.productionDefault].map((each) =>
    code(String(each)),
  );
  return value === productionValue ? String(value) : texts.byStage(String(value), String(productionValue));
}
