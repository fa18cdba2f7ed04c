/** Where models are downloaded from unless the reader names a mirror. */

/** The Hugging Face hub; without a slash at the end. */
export const publicHub = 'https://huggingface.co';
