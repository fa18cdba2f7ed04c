/**
 * Norms and study files that readers can fetch or download themselves. The project holds no copy of any of them; each
 * entry says whose they are and how a table and a stimuli cell read them.
 */

/** One file of ratings in the world. */
export interface KnownTable {
  readonly id: string;
  readonly title: string;
  /** What to cite. */
  readonly cite: string;
  readonly doi: string;
  /** The page a person visits. */
  readonly page: string;
  /** Address of the file itself. The host may refuse a fetch from another site: then download it from the page and drop it in. */
  readonly address: string;
  /** Name to give the file in the notebook. */
  readonly file: string;
  /** As its owners state it; "see the page" where we have not seen one stated, "not stated" where there is none. */
  readonly licence: string;
  readonly wordColumn: string;
  readonly language: string;
  /** "nl: Woord" where the file also holds translations. */
  readonly translation: string;
  /** Pattern of the human rating columns. */
  readonly ratings: string;
  readonly scale: readonly [number, number];
  /** Words in the file. */
  readonly words: number;
  readonly note: string;
}

const study = {
  cite: 'Wu, Conde, Reviriego & Brysbaert, How does fine-tuning improve sensorimotor representations in large language models?, arXiv:2603.03313',
  doi: '10.48550/arXiv.2603.03313',
  page: 'https://github.com/Minghua5/Sensorimotor-Representation-in-LLMs',
  licence: 'not stated',
  scale: [0, 5] as const,
};

/** The commit of the study's repository whose files these are. */
const studyFiles = 'https://raw.githubusercontent.com/Minghua5/Sensorimotor-Representation-in-LLMs/7fe62e259350fd3142be631489ada63164c12858/analysis';

export const knownTables: readonly KnownTable[] = [
  {
    id: 'lancaster', title: 'Lancaster Sensorimotor Norms',
    cite: 'Lynott, Connell, Brysbaert, Brand & Carney (2020), Behavior Research Methods 52, 1271-1291',
    doi: '10.3758/s13428-019-01316-z', page: 'https://osf.io/7emr6/', address: 'https://osf.io/download/48wsc/',
    file: 'Lancaster_sensorimotor_norms_for_39707_words.csv', licence: 'CC BY 4.0',
    wordColumn: 'Word', language: 'en', translation: '', ratings: '*.mean', scale: [0, 5], words: 39_707,
    note: 'Six senses and five effectors, means with SD and N.',
  },
  {
    id: 'speed-brysbaert', title: 'Dutch sensory modality norms',
    cite: 'Speed & Brysbaert (2021), Behavior Research Methods 54, 1306-1318',
    doi: '10.3758/s13428-021-01656-9', page: 'https://osf.io/ubvy2/', address: 'https://osf.io/download/wzfpd/',
    file: 'SpeedBrysbaert_Norms.xlsx', licence: 'see the page',
    wordColumn: 'Woord', language: 'nl', translation: '', ratings: '*', scale: [0, 5], words: 24_036,
    note: 'Six senses: Horen, Proeven, Voelen, Sensaties, Ruiken, Zien. No effectors.',
  },
  {
    id: 'concreteness', title: 'Concreteness of 40 thousand English lemmas',
    cite: 'Brysbaert, Warriner & Kuperman (2014), Behavior Research Methods 46, 904-911',
    doi: '10.3758/s13428-013-0403-5', page: 'https://link.springer.com/article/10.3758/s13428-013-0403-5',
    address: 'https://raw.githubusercontent.com/ArtsEngine/concreteness/master/Concreteness_ratings_Brysbaert_et_al_BRM.txt',
    file: 'Concreteness_ratings_Brysbaert_et_al_BRM.txt', licence: 'see the page',
    wordColumn: 'Word', language: 'en', translation: '', ratings: 'Conc.M', scale: [1, 5], words: 39_954,
    note: 'One rating, Conc.M. The address is a copy on GitHub; the article’s supplement is the original.',
  },
  {
    ...study, id: 'study-en', title: 'The study’s English results: human and four models',
    address: `${studyFiles}/En_all_models_results.xlsx`, file: 'En_all_models_results.xlsx',
    wordColumn: 'Word', language: 'en', translation: 'nl: Woord', ratings: '*.mean', words: 1572,
    note: 'Models: *_base, *_en_ft, *_nl_ft, *_QA_ft. Human Dutch ratings: *.',
  },
  {
    ...study, id: 'study-nl', title: 'The study’s Dutch results: human and three models',
    address: `${studyFiles}/Nl_all_models_results.xlsx`, file: 'Nl_all_models_results.xlsx',
    wordColumn: 'Woord', language: 'nl', translation: 'en: Word', ratings: '*', words: 1572,
    note: 'Models: *_base, *_en_ft, *_nl_ft.',
  },
];
