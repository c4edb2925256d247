; 每个使用者自己安装，不需要管理员。由 installers/package_windows.py 填入 VERSION、STAGE、OUT、SIZE。
Unicode true
Target amd64-unicode
!define NAME "申报"
!define ENDING ".shenbao"
!define CLASS "Shenbao.Bundle"
!define REMOVE "Software\Microsoft\Windows\CurrentVersion\Uninstall\shenbao"
Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\shenbao"
InstallDirRegKey HKCU "Software\Shenbao" "folder"
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetCompressorDictSize 64
ManifestDPIAware true
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "FileDescription" "${NAME}安装程序"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "${NAME}"

!include "MUI2.nsh"
!include "LogicLib.nsh"
!define MUI_ICON "${STAGE}/shenbao.ico"
!define MUI_UNICON "${STAGE}/shenbao.ico"
!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TEXT "将安装${NAME} ${VERSION}。$\r$\n$\r$\n只为当前使用者安装，不需要管理员，也不需要网络。$\r$\n已经装过的，直接装在原处；填报内容不受影响，首次打开时会先备份再升级。$\r$\n$\r$\n请先关闭正在运行的${NAME}。"
!define MUI_FINISHPAGE_RUN "$INSTDIR\runtime\pythonw.exe"
!define MUI_FINISHPAGE_RUN_PARAMETERS "-X utf8 -m ui"
!define MUI_FINISHPAGE_RUN_TEXT "打开${NAME}"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "SimpChinese"

; 程序开着时文件占用，装了一半比不装更糟：请使用者先关闭
!macro WAIT_UNTIL_CLOSED UN
Function ${UN}WaitUntilClosed
  again:
  ${If} ${FileExists} "$INSTDIR\runtime\python311.dll"
    ClearErrors
    FileOpen $0 "$INSTDIR\runtime\python311.dll" a
    ${If} ${Errors}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "${NAME}正在运行。请先关闭它，再按「重试」。" /SD IDCANCEL IDRETRY again
      SetErrorLevel 4
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
FunctionEnd
!macroend
!insertmacro WAIT_UNTIL_CLOSED ""
!insertmacro WAIT_UNTIL_CLOSED "un."

Section
  Call WaitUntilClosed
  ; 旧版的程序文件整体换掉；填报内容在别处（%LOCALAPPDATA%\Shenbao），不动
  RMDir /r "$INSTDIR\runtime"
  RMDir /r "$INSTDIR\program"
  SetOutPath "$INSTDIR"
  File /r "${STAGE}/*.*"
  SetOutPath "$INSTDIR\runtime"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\runtime\pythonw.exe" "-X utf8 -m ui" "$INSTDIR\shenbao.ico"
  CreateShortcut "$DESKTOP\${NAME}.lnk" "$INSTDIR\runtime\pythonw.exe" "-X utf8 -m ui" "$INSTDIR\shenbao.ico"
  WriteRegStr HKCU "Software\Classes\${ENDING}" "" "${CLASS}"
  WriteRegStr HKCU "Software\Classes\${CLASS}" "" "${NAME}数据包"
  WriteRegStr HKCU "Software\Classes\${CLASS}\DefaultIcon" "" "$INSTDIR\shenbao.ico"
  WriteRegStr HKCU "Software\Classes\${CLASS}\shell\open\command" "" '"$INSTDIR\runtime\pythonw.exe" -X utf8 -m ui "%1"'
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  WriteRegStr HKCU "Software\Shenbao" "folder" "$INSTDIR"
  WriteRegStr HKCU "${REMOVE}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${REMOVE}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${REMOVE}" "Publisher" "${NAME}"
  WriteRegStr HKCU "${REMOVE}" "DisplayIcon" "$INSTDIR\shenbao.ico"
  WriteRegStr HKCU "${REMOVE}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${REMOVE}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${REMOVE}" "EstimatedSize" ${SIZE}
  WriteRegDWORD HKCU "${REMOVE}" "NoModify" 1
  WriteRegDWORD HKCU "${REMOVE}" "NoRepair" 1
  WriteUninstaller "$INSTDIR\uninstall.exe"
SectionEnd

Section "Uninstall"
  Call un.WaitUntilClosed
  RMDir /r "$INSTDIR\runtime"
  RMDir /r "$INSTDIR\program"
  Delete "$INSTDIR\shenbao.ico"
  Delete "$INSTDIR\shenbao.cmd"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  Delete "$DESKTOP\${NAME}.lnk"
  ReadRegStr $0 HKCU "Software\Classes\${ENDING}" ""
  ${If} $0 == "${CLASS}"
    DeleteRegKey HKCU "Software\Classes\${ENDING}"
  ${EndIf}
  DeleteRegKey HKCU "Software\Classes\${CLASS}"
  DeleteRegKey HKCU "${REMOVE}"
  DeleteRegKey HKCU "Software\Shenbao"
  ; 填报内容默认保留；静默卸载时从不删除
  ${If} ${FileExists} "$LOCALAPPDATA\Shenbao\*.*"
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "程序已卸载。$\r$\n$\r$\n填报内容和备份仍在：$\r$\n$LOCALAPPDATA\Shenbao$\r$\n$\r$\n要一并删除吗？删除后不能恢复。不确定请选「否」。" /SD IDNO IDNO kept
    RMDir /r "$LOCALAPPDATA\Shenbao"
    kept:
  ${EndIf}
SectionEnd
