/** What the computer's page says beside the phrases and texts of the phone's page. */
import type { LanguageTag } from '../page/language';

export interface DeskTexts {
  scanTitle: string;
  scanText: string;
  scanSteps: readonly string[];
  scanOnce: string;
  codeLabel: string;
  useHere: string;
  useHereText: string;
  onPhoneTitle: string;
  readOnPhone: string;
  doOnPhone: string;
  againOnPhone: string;
  leaveOpen: string;
  away: string;
  progress: string;
  way: readonly [string, string, string, string];
  receiptText: string;
  receiptLater: string;
}

const en: DeskTexts = {
  scanTitle: 'Please go on with your phone',
  scanText: 'It is easiest with a phone, as you can hold its camera before your face.',
  scanSteps: [
    'Open the camera of your phone, or “Scan” in WeChat.',
    'Point it at the black and white square.',
    'Press the line of text that appears.',
  ],
  scanOnce: 'The square is for your phone alone: it works for one phone, once.',
  codeLabel: 'Code to scan with your phone',
  useHere: 'Use this device instead',
  useHereText: 'No phone at hand? This device will do if it has a camera.',
  onPhoneTitle: 'Your phone is connected',
  readOnPhone: 'Please read on the phone what it is about, and say yes or no there.',
  doOnPhone: 'Please look at the phone and do what it says. Take your time.',
  againOnPhone: 'Please look at the phone. It tells what may help.',
  leaveOpen: 'Leave this page open: it shows how far you are.',
  away: 'The network is gone for a moment. This page will continue by itself.',
  progress: 'How far you are',
  way: ['Connect the phone', 'Read and agree', 'Take pictures', 'Finished'],
  receiptText: 'A proof of this check. Your picture is not in it. On the phone you can also keep what you agreed to.',
  receiptLater: 'The proof is being made. One moment, please.',
};

const cmn: DeskTexts = {
  scanTitle: '请用手机继续',
  scanText: '用手机最方便，可以把相机举到面前。',
  scanSteps: [
    '打开手机相机，或微信“扫一扫”。',
    '对准这个黑白方块。',
    '按手机上出现的那行字。',
  ],
  scanOnce: '这个方块只给您自己的手机用：只能用一部手机，只能用一次。',
  codeLabel: '用手机扫的二维码',
  useHere: '就用这台设备',
  useHereText: '身边没有手机？这台设备有摄像头也可以。',
  onPhoneTitle: '手机已经连上',
  readOnPhone: '请在手机上看清楚用途，再选择同意或不同意。',
  doOnPhone: '请看手机，照着手机说的做，慢慢来。',
  againOnPhone: '请看手机，上面有小提示。',
  leaveOpen: '请不要关闭这个页面，它会显示进行到哪一步。',
  away: '网络断了一下，这个页面会自动继续。',
  progress: '进行到哪一步',
  way: ['连上手机', '看清楚再同意', '拍照', '完成'],
  receiptText: '这是这次核对的证明，没有您的照片。您同意的内容可以在手机上保存。',
  receiptLater: '证明正在生成，请稍等。',
};

const yue: DeskTexts = {
  scanTitle: '請用手機繼續',
  scanText: '用手機最方便，可以把相機舉到面前。',
  scanSteps: [
    '開啟手機相機，或微信「掃一掃」。',
    '對準這個黑白方格。',
    '按手機上出現的一行字。',
  ],
  scanOnce: '這個方格只供你自己的手機使用：只限一部手機，只限一次。',
  codeLabel: '用手機掃描的二維碼',
  useHere: '使用這部裝置',
  useHereText: '身邊沒有手機？這部裝置有鏡頭也可以。',
  onPhoneTitle: '手機已經連接',
  readOnPhone: '請在手機上細閱用途，然後選擇同意或不同意。',
  doOnPhone: '請望手機，跟着手機說的做，慢慢來。',
  againOnPhone: '請望手機，上面有小提示。',
  leaveOpen: '請勿關閉此頁，它會顯示進行到哪一步。',
  away: '網絡中斷了一會，此頁會自動繼續。',
  progress: '進行到哪一步',
  way: ['連接手機', '細閱並同意', '拍攝', '完成'],
  receiptText: '這是這次核對的證明，沒有你的相片。你同意的內容可以在手機上儲存。',
  receiptLater: '證明正在製作，請稍候。',
};

export const DESK_TEXTS: Readonly<Record<LanguageTag, DeskTexts>> = { 'zh-CN': cmn, 'zh-HK': yue, en };
